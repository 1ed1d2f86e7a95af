//! The rows of two texts side by side.

use similar::{ChangeTag, TextDiff};

/// A row of both sides.
pub enum Row<'a> {
    /// Lines that are left out.
    Gap,
    Same {
        before: usize,
        after: usize,
        text: &'a str,
    },
    Changed {
        before: Option<(usize, Marked<'a>)>,
        after: Option<(usize, Marked<'a>)>,
    },
}

/// A line, with the part that is not on the other side.
pub struct Marked<'a> {
    pub before: &'a str,
    pub changed: &'a str,
    pub after: &'a str,
}

/// How many lines are shown around those that change.
const AROUND: usize = 4;

pub fn rows<'a>(before: &'a str, after: &'a str) -> Vec<Row<'a>> {
    let diff = TextDiff::from_lines(before, after);
    let mut rows = Vec::new();
    for group in diff.grouped_ops(AROUND) {
        if group.first().is_some_and(|op| op.old_range().start > 0) {
            rows.push(Row::Gap);
        }
        for op in &group {
            let (mut removed, mut added) = (Vec::new(), Vec::new());
            for change in diff.iter_changes(op) {
                let text = change.value().trim_end_matches(['\n', '\r']);
                let (old, new) = (change.old_index(), change.new_index());
                match (change.tag(), old, new) {
                    (ChangeTag::Equal, Some(old), Some(new)) => rows.push(Row::Same {
                        before: old + 1,
                        after: new + 1,
                        text,
                    }),
                    (ChangeTag::Delete, Some(old), _) => removed.push((old + 1, text)),
                    (_, _, Some(new)) => added.push((new + 1, text)),
                    _ => {}
                }
            }
            for index in 0..removed.len().max(added.len()) {
                let (old, new) = (removed.get(index), added.get(index));
                let texts = (old.map_or("", |old| old.1), new.map_or("", |new| new.1));
                let paired = old.is_some() && new.is_some();
                rows.push(Row::Changed {
                    before: old.map(|(number, text)| (*number, marked(text, texts.1, paired))),
                    after: new.map(|(number, text)| (*number, marked(text, texts.0, paired))),
                });
            }
        }
    }
    rows
}

/// The line without what both have at the beginning and at the end.
fn marked<'a>(line: &'a str, other: &str, paired: bool) -> Marked<'a> {
    let shared = |a: &mut dyn Iterator<Item = char>, b: &mut dyn Iterator<Item = char>| -> usize {
        let same = a.zip(b).take_while(|(a, b)| a == b);
        same.map(|(a, _)| a.len_utf8()).sum()
    };
    let start = shared(&mut line.chars(), &mut other.chars());
    let end = shared(
        &mut line[start..].chars().rev(),
        &mut other[start..].chars().rev(),
    );
    // Lines that share little are different lines, of which all is new.
    if !paired || (start + end) * 3 < line.len().max(other.len()) {
        return Marked {
            before: line,
            changed: "",
            after: "",
        };
    }
    Marked {
        before: &line[..start],
        changed: &line[start..line.len() - end],
        after: &line[line.len() - end..],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_marked() {
        let found = marked("let a = b.c();", "let a = b.d().e;", true);
        assert_eq!(
            (found.before, found.changed, found.after),
            ("let a = b.", "c()", ";")
        );
        let found = marked("é!", "é?", true);
        assert_eq!((found.before, found.changed), ("é", "!"));
    }

    #[test]
    fn rows_pair_lines() {
        let rows = rows("a\nb\nc\n", "a\nx\ny\nc\n");
        let kinds: Vec<_> = rows
            .iter()
            .map(|row| match row {
                Row::Gap => "gap",
                Row::Same { .. } => "same",
                Row::Changed { before: None, .. } => "added",
                Row::Changed { .. } => "changed",
            })
            .collect();
        assert_eq!(kinds, ["same", "changed", "added", "same"]);
    }
}
