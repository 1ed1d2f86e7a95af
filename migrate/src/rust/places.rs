//! The conversion of tokens' lines and columns to bytes. That of `proc-macro2` keeps a tree of everything that was asked for.

use proc_macro2::{LineColumn, Span};
use std::ops::Range;

pub struct Places {
    /// Where each line begins, and whether its characters are a byte each.
    lines: Vec<(usize, bool)>,
    text: String,
}

impl Places {
    pub fn of(text: &str) -> Self {
        let mut lines = Vec::new();
        // A byte order mark is not counted.
        let mut start = if text.starts_with('\u{feff}') { 3 } else { 0 };
        for line in text[start..].split_inclusive('\n') {
            lines.push((start, line.is_ascii()));
            start += line.len();
        }
        lines.push((start, true));
        let is_plain = lines.iter().all(|(_, is_ascii)| *is_ascii);
        Self {
            lines,
            text: if is_plain {
                String::new()
            } else {
                text.to_owned()
            },
        }
    }

    /// How many bytes the file has.
    pub fn size(&self) -> usize {
        self.lines.last().map_or(0, |(start, _)| *start)
    }

    /// From the beginning of the first to the end of the last.
    pub fn of_ends(&self, (first, last): (Span, Span)) -> Range<usize> {
        self.byte(first.start())..self.byte(last.end())
    }

    fn byte(&self, at: LineColumn) -> usize {
        let (start, is_ascii) = self.lines[at.line - 1];
        if is_ascii {
            return start + at.column;
        }
        let line = &self.text[start..];
        start
            + line
                .char_indices()
                .nth(at.column)
                .map_or(line.len(), |(byte, _)| byte)
    }
}
