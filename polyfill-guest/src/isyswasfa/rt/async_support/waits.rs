//! Tokens: the numbers under which this component waits for something outside it.
//!
//! A token is handed to the core with an operation and comes back as an event when the operation may go on.
//! An event may still be under way when its operation is over (cancelled, dropped). So a token that the core
//! has seen is not reused before the events that were under way have been taken: it *retires*.

use super::cabi::{self, Taken};
use super::executor;
use super::slab::Slab;
use isyswasfa_core::Event;
use std::cell::RefCell;
use std::task::{Context, Poll, Waker};

thread_local! {
    // A plain static on wasm, which has one thread; on the build machine, where only tests run, one per thread.
    static WAITS: RefCell<Waits> = const { RefCell::new(Waits { slots: Slab::new(), retired: Vec::new() }) };
}

struct Waits {
    slots: Slab<Wait>,
    retired: Vec<u32>,
}

#[derive(Default)]
struct Wait {
    fired: bool,
    waker: Option<Waker>,
    /// The task that the waker is of.
    task: u32,
    wanted: Wanted,
}

/// What is waited for under a token.
#[derive(Clone, Copy, Debug, Default)]
pub enum Wanted {
    /// A task of another component, or a pollable. The core knows what it is.
    #[default]
    Known,
    /// The other end of a stream or future of this name.
    Pipe(&'static str, Does),
}

/// What an end of a pipe does.
#[derive(Clone, Copy, Debug)]
pub enum Does {
    Read,
    Write,
}

/// How many retired tokens are kept before events are taken only to reuse them.
const RETIRED_MAX: usize = 1024;

/// A token that belongs to one operation, or to one end of a pipe for as long as it lives.
#[derive(Debug)]
pub struct Token(u32);

impl Token {
    pub fn new() -> Token {
        Token::of(Wanted::Known)
    }

    /// A token for this.
    pub fn of(wanted: Wanted) -> Token {
        let wait = Wait {
            wanted,
            ..Wait::default()
        };
        Token(WAITS.with_borrow_mut(|w| w.slots.insert(wait)))
    }

    /// The number that is passed to the core.
    pub fn number(&self) -> u32 {
        self.0
    }

    /// Frees the token, if its event has come and no other can come.
    pub fn spend(self) {
        let token = self.0;
        std::mem::forget(self);
        WAITS.with_borrow_mut(|w| w.slots.remove(token));
    }

    /// Forgets an event that came for an earlier operation.
    pub fn rearm(&self) {
        WAITS.with_borrow_mut(|w| {
            if let Some(wait) = w.slots.get_mut(self.0) {
                wait.fired = false;
            }
        });
    }

    /// Notes that nothing waits for the event of the current operation any more.
    pub fn end_wait(&self) {
        // Dropped outside of the borrow: dropping a waker can run any code.
        let _waker =
            WAITS.with_borrow_mut(|w| w.slots.get_mut(self.0).and_then(|wait| wait.waker.take()));
    }

    /// Ready once for each event.
    pub fn poll_fired(&self, cx: &mut Context<'_>) -> Poll<()> {
        // The old waker is dropped outside of the borrow: dropping a waker can run any code.
        let _old = WAITS.with_borrow_mut(|w| {
            let wait = w.slots.get_mut(self.0).expect("a token owns its slot");
            if std::mem::take(&mut wait.fired) {
                return Ok(wait.waker.take());
            }
            wait.task = executor::current().task;
            match &wait.waker {
                Some(waker) if waker.will_wake(cx.waker()) => Err(None),
                _ => Err(wait.waker.replace(cx.waker().clone())),
            }
        });
        match _old {
            Ok(_) => Poll::Ready(()),
            Err(_) => Poll::Pending,
        }
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        let (_waker, full) = WAITS.with_borrow_mut(|w| {
            let waker = w.slots.get_mut(self.0).and_then(|wait| wait.waker.take());
            w.retired.push(self.0);
            (waker, w.retired.len() > RETIRED_MAX)
        });
        if full {
            executor::take_events();
        }
    }
}

/// Notes that an event for `token` has come.
pub fn fire(token: u32) {
    let waker = WAITS.with_borrow_mut(|w| {
        let wait = w.slots.get_mut(token)?;
        wait.fired = true;
        wait.waker.take()
    });
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// Appends the core's events; with all of them, no event of a token retired before is under way any more.
pub fn take_events(events: &mut Vec<Event>) -> Taken {
    let retired = WAITS.with_borrow_mut(|w| std::mem::take(&mut w.retired));
    let taken = cabi::take_events(events);
    WAITS.with_borrow_mut(|w| {
        if taken == Taken::OnlyCancels {
            w.retired.extend(retired);
            return;
        }
        for &token in &retired {
            w.slots.remove(token);
        }
        if w.retired.is_empty() {
            // Keeps the allocation.
            let mut retired = retired;
            retired.clear();
            w.retired = retired;
        }
    });
    taken
}

/// The tasks that wait at pipes, with the stream or future and the operation.
pub fn at_pipes() -> Vec<(u32, &'static str, Does)> {
    WAITS.with_borrow(|w| {
        let waits = w.slots.iter().filter(|wait| wait.waker.is_some());
        let waits = waits.filter_map(|wait| match wait.wanted {
            Wanted::Pipe(name, does) => Some((wait.task, name, does)),
            Wanted::Known => None,
        });
        waits.collect()
    })
}

/// How many tokens are held or retired.
#[cfg(test)]
pub fn count() -> usize {
    WAITS.with_borrow_mut(|w| w.slots.len())
}
