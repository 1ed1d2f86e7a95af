//! The way of places through the rounds of a rewriting: from the text before it to the text after it, and back.

use crate::edit::Edit;
use std::ops::Range;

/// The rounds of one file.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    rounds: Vec<Vec<Piece>>,
}

/// A piece of the text that was replaced, before and after.
#[derive(Clone, Debug)]
struct Piece {
    before: Range<usize>,
    after: Range<usize>,
}

impl Trace {
    /// Adds a round: its edits in the order of the text.
    pub fn push(&mut self, edits: &[Edit]) {
        let mut end = (0, 0);
        let pieces = edits.iter().map(|edit| {
            let start = end.1 + (edit.range.start - end.0);
            end = (edit.range.end, start + edit.text.len());
            Piece {
                before: edit.range.clone(),
                after: start..end.1,
            }
        });
        self.rounds.push(pieces.collect());
    }

    pub fn rounds(&self) -> usize {
        self.rounds.len()
    }

    /// Where bytes of the first text are in the last one.
    pub fn forward(&self, place: &Range<usize>) -> Range<usize> {
        let mut place = place.clone();
        for round in &self.rounds {
            place = moved(
                round.iter().map(|piece| (&piece.before, &piece.after)),
                &place,
            );
        }
        place
    }

    /// Where bytes of the last text were in the first one.
    pub fn back(&self, place: &Range<usize>) -> Range<usize> {
        let mut place = place.clone();
        for round in self.rounds.iter().rev() {
            place = moved(
                round.iter().map(|piece| (&piece.after, &piece.before)),
                &place,
            );
        }
        place
    }

    /// Where what an edit of a round wrote is in the last text.
    pub fn written(&self, round: usize, edit: &Edit) -> Range<usize> {
        let holds = |piece: &&Piece| {
            piece.before.start <= edit.range.start && edit.range.end <= piece.before.end
        };
        let found = self.rounds[round].iter().find(holds);
        let mut place = found.map_or_else(|| edit.range.clone(), |piece| piece.after.clone());
        for round in &self.rounds[round + 1..] {
            place = moved(
                round.iter().map(|piece| (&piece.before, &piece.after)),
                &place,
            );
        }
        place
    }
}

/// A place after replacements: what was inside of a replaced piece is all of its replacement.
fn moved<'a>(
    pieces: impl Iterator<Item = (&'a Range<usize>, &'a Range<usize>)>,
    place: &Range<usize>,
) -> Range<usize> {
    let (mut start, mut end) = (None, None);
    // The bytes before the current piece have moved from the first to the second.
    let mut offset = (0, 0);
    let shifted = |at: usize, offset: (usize, usize)| at - offset.0 + offset.1;
    for (from, to) in pieces {
        if start.is_none() && place.start < from.end {
            start = Some(match from.start <= place.start {
                true => to.start,
                false => shifted(place.start, offset),
            });
        }
        if end.is_none() && place.end <= from.end && (place.end <= from.start || !from.is_empty()) {
            end = Some(match from.start < place.end {
                true => to.end,
                false => shifted(place.end, offset),
            });
        }
        offset = (from.end, to.end);
    }
    let start = start.unwrap_or_else(|| shifted(place.start, offset));
    let end = end.unwrap_or_else(|| shifted(place.end, offset));
    start..end.max(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace() -> Trace {
        // "abcdefgh", "aXYZdefgh", "aXYZde!fgh"
        let mut trace = Trace::default();
        trace.push(&[Edit::replace(1..3, "XYZ")]);
        trace.push(&[Edit::insert(6, "!")]);
        trace
    }

    #[test]
    fn places_move_with_the_text() {
        let trace = trace();
        assert_eq!(trace.forward(&(0..1)), 0..1);
        assert_eq!(trace.forward(&(2..3)), 1..4);
        assert_eq!(trace.forward(&(3..5)), 4..6);
        assert_eq!(trace.forward(&(5..8)), 7..10);
        assert_eq!(trace.back(&(7..10)), 5..8);
        assert_eq!(trace.back(&(2..3)), 1..3);
        assert_eq!(trace.back(&(0..1)), 0..1);
    }

    #[test]
    fn what_was_written_is_found_again() {
        let trace = trace();
        assert_eq!(trace.written(0, &Edit::replace(1..3, "XYZ")), 1..4);
        assert_eq!(trace.written(1, &Edit::insert(6, "!")), 6..7);
    }
}
