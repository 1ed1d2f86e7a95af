//! Edits of a text by byte range, grouped into fixes, and their application if they do not overlap.

use std::ops::Range;

/// Replaces the bytes `range` by `text`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub range: Range<usize>,
    pub text: String,
}

impl Edit {
    pub fn replace(range: Range<usize>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { range, text }
    }

    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::replace(at..at, text)
    }

    pub fn delete(range: Range<usize>) -> Self {
        Self::replace(range, "")
    }
}

/// Whether a fix can be made without a human looking at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// Means the same as before: renames, moves, versions.
    Safe,
    /// Right in the common case, but it changes a signature or the order of events. Read it before you commit it.
    Unsafe,
}

impl Safety {
    pub fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// What to do about a finding: all of the edits, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub safety: Safety,
    pub edits: Vec<Edit>,
}

impl Fix {
    pub fn safe(edits: Vec<Edit>) -> Self {
        let safety = Safety::Safe;
        Self { safety, edits }
    }

    pub fn risky(edits: Vec<Edit>) -> Self {
        let safety = Safety::Unsafe;
        Self { safety, edits }
    }
}

/// What [`apply`] made of a text.
pub struct Applied {
    pub text: String,
    /// The edits in the order of the text, none overlapping another.
    pub edits: Vec<Edit>,
    /// The fixes that were made, by their place among those given.
    pub made: Vec<usize>,
}

/// The text after all fixes that overlap no earlier one. A fix that is left out can be found again in the new text.
pub fn apply<'a>(text: &str, fixes: impl IntoIterator<Item = &'a Fix>) -> Applied {
    let mut fixes: Vec<_> = fixes
        .into_iter()
        .enumerate()
        .filter(|(_, fix)| !fix.edits.is_empty())
        .collect();
    fixes.sort_by_key(|(_, fix)| fix.edits.iter().map(|edit| edit.range.start).min());

    let mut taken: Vec<&Edit> = Vec::new();
    let mut made = Vec::new();
    for (index, fix) in fixes {
        // The same edit as part of two fixes (both drop one `use`) is made once.
        let before = taken.len();
        for edit in &fix.edits {
            if taken.contains(&edit) {
                continue;
            }
            if taken.iter().any(|other| overlap(&edit.range, &other.range)) {
                taken.truncate(before);
                break;
            }
            taken.push(edit);
        }
        if taken.len() > before {
            made.push(index);
        }
    }

    taken.sort_by_key(|edit| (edit.range.start, edit.range.end));
    let mut result = String::with_capacity(text.len());
    let mut end = 0;
    let edits = joined(text, taken);
    for edit in &edits {
        result.push_str(&text[end..edit.range.start]);
        result.push_str(&edit.text);
        end = edit.range.end;
    }
    result.push_str(&text[end..]);
    Applied {
        text: result,
        edits,
        made,
    }
}

/// Whether all of the fixes can be made together.
pub fn fit<'a>(fixes: impl IntoIterator<Item = &'a Fix>) -> bool {
    let mut edits: Vec<&Edit> = fixes.into_iter().flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits.dedup();
    let mut pairs = edits.iter().zip(edits.iter().skip(1));
    pairs.all(|(a, b)| !overlap(&a.range, &b.range))
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    if a.is_empty() && b.is_empty() {
        return a.start == b.start;
    }
    a.start < b.end && b.start < a.end
}

/// The range, extended to the whole line if nothing else is on it. What stands before an item of several lines goes with it.
pub fn whole_lines(text: &str, range: Range<usize>) -> Range<usize> {
    let line = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let alone_before = text[line..range.start]
        .bytes()
        .all(|b| b == b' ' || b == b'\t');
    let rest = &text[range.end..];
    let after = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
    let alone_after = rest[after..].starts_with('\n') || rest[after..].is_empty();
    if alone_before && !alone_after {
        return range.start..range.end + after;
    }
    if !(alone_before && alone_after) {
        return range;
    }
    let end = (range.end + after + 1).min(text.len());
    line..end
}

/// Joins adjacent deletions of whole lines, and also deletes the blank line that would be left between two others.
fn joined(text: &str, edits: Vec<&Edit>) -> Vec<Edit> {
    let mut joined: Vec<Edit> = Vec::new();
    for edit in edits {
        match joined.last_mut() {
            Some(last)
                if last.text.is_empty()
                    && edit.text.is_empty()
                    && last.range.end == edit.range.start
                    && !edit.range.is_empty() =>
            {
                last.range.end = edit.range.end;
            }
            _ => joined.push(edit.clone()),
        }
    }
    let mut next: Vec<_> = joined.iter().skip(1).map(|edit| edit.range.start).collect();
    next.push(text.len());
    for (edit, next) in joined.iter_mut().zip(next) {
        let (before, after) = (&text[..edit.range.start], &text[edit.range.end..]);
        let lines = edit.text.is_empty()
            && !edit.range.is_empty()
            && (before.is_empty() || before.ends_with('\n'))
            && text[edit.range.clone()].ends_with('\n');
        let blank_before =
            before.is_empty() || before.ends_with("\n\n") || before.trim_end().ends_with('{');
        if lines && blank_before && after.starts_with('\n') && edit.range.end < next {
            edit.range.end += 1;
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_fixes_wait_for_the_next_round() {
        let first = Fix::safe(vec![Edit::replace(0..3, "one")]);
        let second = Fix::safe(vec![Edit::replace(2..5, "two"), Edit::insert(6, "!")]);
        let third = Fix::safe(vec![Edit::delete(3..4)]);
        let applied = apply("abcdefgh", [&third, &second, &first]);
        assert_eq!(
            (applied.text.as_str(), applied.made),
            ("oneefgh", vec![2, 0])
        );
    }

    #[test]
    fn a_fix_is_made_wholly_or_not_at_all() {
        let long = Fix::safe(vec![Edit::replace(0..1, "x"), Edit::replace(4..5, "y")]);
        let inner = Fix::safe(vec![Edit::replace(2..3, "i"), Edit::replace(4..5, "z")]);
        let applied = apply("abcdef", [&inner, &long]);
        assert_eq!((applied.text.as_str(), applied.made), ("xbcdyf", vec![1]));
    }

    #[test]
    fn a_line_goes_with_what_was_alone_on_it() {
        let text = "a {\n  b;\n\n  c;\n}\n";
        assert_eq!(&text[whole_lines(text, 6..8)], "  b;\n");
        let fix = Fix::safe(vec![Edit::delete(4..9)]);
        assert_eq!(apply(text, [&fix]).text, "a {\n  c;\n}\n");
        let text = "a {\n  b; // why\n}\n";
        assert_eq!(&text[whole_lines(text, 6..8)], "b; ");
    }
}
