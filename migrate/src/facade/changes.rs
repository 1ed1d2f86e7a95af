//! The changes to a text: insertions before and after parts that lie in each other, and replacements.

use std::ops::Range;

#[derive(Default)]
pub struct Changes {
    all: Vec<Change>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    at: usize,
    /// At one place: what ends there, then what begins there, then what is replaced. The innermost ends first and begins last.
    order: (u8, i64),
    end: usize,
    text: String,
}

impl Changes {
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub fn extend(&mut self, other: Self) {
        self.all.extend(other.all);
    }

    pub fn before(&mut self, part: &Range<usize>, text: &str) {
        let order = (1, -(part.len() as i64));
        self.all.push(Change {
            at: part.start,
            order,
            end: part.start,
            text: text.to_owned(),
        });
    }

    pub fn after(&mut self, part: &Range<usize>, text: &str) {
        let order = (0, part.len() as i64);
        self.all.push(Change {
            at: part.end,
            order,
            end: part.end,
            text: text.to_owned(),
        });
    }

    pub fn insert(&mut self, at: usize, text: &str) {
        self.all.push(Change {
            at,
            order: (1, 0),
            end: at,
            text: text.to_owned(),
        });
    }

    pub fn replace(&mut self, part: Range<usize>, text: &str) {
        self.all.push(Change {
            at: part.start,
            order: (2, 0),
            end: part.end,
            text: text.to_owned(),
        });
    }

    /// The text with the changes. The same change twice is made once.
    pub fn apply(mut self, text: &str) -> String {
        self.all.sort();
        self.all.dedup();
        let mut result = String::with_capacity(text.len() + 1024);
        let mut end = 0;
        for change in self.all {
            // Within a part that was replaced.
            if change.at < end {
                continue;
            }
            result.push_str(&text[end..change.at]);
            result.push_str(&change.text);
            end = change.end;
        }
        result.push_str(&text[end..]);
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_in_each_other() {
        let text = "a(b())";
        let mut changes = Changes::default();
        changes.before(&(2..5), "block_on(");
        changes.after(&(2..5), ")");
        changes.before(&(0..6), "pin(");
        changes.after(&(0..6), ").await");
        changes.replace(0..1, "x");
        assert_eq!(changes.apply(text), "pin(x(block_on(b()))).await");
    }
}
