//! The line and column of a byte in a text.

/// Both from 1; the column counts characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

pub fn position(text: &str, at: usize) -> Position {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    Position {
        line: memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count() + 1,
        column: text[start..at].chars().count() + 1,
    }
}

/// The line that the byte is on, without its end.
pub fn line(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[at..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline);
    text[start..end].trim_end_matches('\r')
}
