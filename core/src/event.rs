//! The event word, which `next-event` answers: the kind of an event in its two highest bits, a value in the others.

use crate::Fault;

/// Where the kind of an event begins in the word.
pub const KIND_SHIFT: u32 = 30;
/// The bits of the value. Tokens, task keys and component numbers are not larger.
pub const VALUE_MASK: u32 = (1 << KIND_SHIFT) - 1;

/// The kind of a token.
pub const TOKEN: u32 = 0;
const CANCEL: u32 = 1;
const CHILD: u32 = 2;
/// The kind of the word that stands for no event.
pub const NOTHING: u32 = 3;

/// An event of a component, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// What waits under this token may go on.
    Token(u32),
    /// The task with this key was cancelled.
    Cancel(u32),
    /// The component with this number has events.
    Child(u32),
}

/// What a component is told when it asks for its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Its oldest event.
    Event(Event),
    /// There is none.
    Nothing,
    /// The component was entered for its cancelled tasks alone, and has been told all of them: its other events wait.
    NoMoreCancels,
    /// There is none, and the component is to tell what its tasks wait for.
    WhatWaits,
}

/// The word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word(u32);

impl Word {
    /// [`Next::Nothing`]
    pub const NOTHING: Word = Word(NOTHING << KIND_SHIFT);
    /// [`Next::NoMoreCancels`]
    pub const NO_MORE_CANCELS: Word = Word(NOTHING << KIND_SHIFT | 1);
    /// [`Next::WhatWaits`]
    pub const WHAT_WAITS: Word = Word(NOTHING << KIND_SHIFT | 2);

    /// [`Event::Token`]
    #[inline]
    pub const fn token(token: u32) -> Word {
        Word(TOKEN << KIND_SHIFT | token)
    }

    /// [`Event::Cancel`]
    #[inline]
    pub const fn cancel(key: u32) -> Word {
        Word(CANCEL << KIND_SHIFT | key)
    }

    /// [`Event::Child`]
    #[inline]
    pub const fn child(number: u32) -> Word {
        Word(CHILD << KIND_SHIFT | number)
    }

    /// The word with these bits.
    #[inline]
    pub const fn from_bits(bits: u32) -> Word {
        Word(bits)
    }

    /// The bits of the word.
    #[inline]
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// What it says.
    #[inline]
    pub const fn next(self) -> Next {
        let value = self.0 & VALUE_MASK;
        match (self.0 >> KIND_SHIFT, value) {
            (TOKEN, _) => Next::Event(Event::Token(value)),
            (CANCEL, _) => Next::Event(Event::Cancel(value)),
            (CHILD, _) => Next::Event(Event::Child(value)),
            (_, 1) => Next::NoMoreCancels,
            (_, 2) => Next::WhatWaits,
            _ => Next::Nothing,
        }
    }

    /// The event, if it is one.
    #[inline]
    pub const fn event(self) -> Option<Event> {
        match self.next() {
            Next::Event(event) => Some(event),
            Next::Nothing | Next::NoMoreCancels | Next::WhatWaits => None,
        }
    }
}

/// What `next-event` answers: the word in the low half, and how many events are left in the high half.
#[inline]
pub const fn answer(word: Word, left: u32) -> u64 {
    (left as u64) << 32 | word.0 as u64
}

/// What `next-event` has answered: the word, and how many events are left.
#[inline]
pub const fn take_apart(answer: u64) -> (Word, u32) {
    (Word(answer as u32), (answer >> 32) as u32)
}

/// A token or a task key of a guest's, which shares the word with the kind.
#[inline]
pub(crate) fn value(value: u32) -> Result<u32, Fault> {
    if value > VALUE_MASK {
        return Err(Fault::TooLarge(value));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_says_what_it_was_made_of() {
        for value in [0, 1, 2, 1 << 20, VALUE_MASK] {
            assert_eq!(Word::token(value).event(), Some(Event::Token(value)));
            assert_eq!(Word::cancel(value).event(), Some(Event::Cancel(value)));
            assert_eq!(Word::child(value).event(), Some(Event::Child(value)));
        }
        assert_eq!(Word::NOTHING.next(), Next::Nothing);
        assert_eq!(Word::NO_MORE_CANCELS.next(), Next::NoMoreCancels);
        assert_eq!(Word::WHAT_WAITS.next(), Next::WhatWaits);
        let word = Word::child(7);
        assert_eq!(take_apart(answer(word, 3)), (word, 3));
    }

    #[test]
    fn the_bits_are_those_of_the_wit() {
        assert_eq!(Word::token(5).bits(), 5);
        assert_eq!(Word::cancel(5).bits(), 0x4000_0005);
        assert_eq!(Word::child(5).bits(), 0x8000_0005);
        assert_eq!(Word::NOTHING.bits(), 0xc000_0000);
        assert_eq!(answer(Word::token(5), 2), 0x2_0000_0005);
    }
}
