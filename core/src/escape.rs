//! A guest's text without what a terminal would obey.
//!
//! A control character that a guest writes can move the cursor, change the window's title, or make a line look as if it came from
//! somebody else. So log lines, reports of errors and a terminal get it as an escape: `\u{1b}`. Newlines and tabs stay.

use alloc::borrow::Cow;
use alloc::string::String;

/// The text with control characters escaped, but for newlines and tabs.
pub fn text(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    push(&mut escaped, text);
    Cow::Owned(escaped)
}

/// Appends the text as [`text`] escapes it.
pub fn push(escaped: &mut String, text: &str) {
    for c in text.chars() {
        if is_unsafe(c) {
            push_escape(escaped, c);
        } else {
            escaped.push(c);
        }
    }
}

/// As much of the text as fits `most` bytes, in one line: newlines and tabs are escaped as well.
#[inline(never)]
pub(crate) fn line(text: &str, most: usize) -> String {
    let mut line = String::new();
    // As `str::floor_char_boundary`, which is newer than the oldest Rust that builds this.
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    for c in text[..end].chars() {
        if is_unsafe(c) || matches!(c, '\n' | '\t') {
            push_escape(&mut line, c);
        } else {
            line.push(c);
        }
    }
    line
}

/// As [`char::escape_default`], which is a kilobyte of WebAssembly.
fn push_escape(escaped: &mut String, c: char) {
    match c {
        '\n' => escaped.push_str("\\n"),
        '\r' => escaped.push_str("\\r"),
        '\t' => escaped.push_str("\\t"),
        c => {
            let code = u32::from(c);
            let digits = (8 - code.leading_zeros() / 4).max(1);
            escaped.push_str("\\u{");
            for digit in (0..digits).rev() {
                let digit = code >> (4 * digit) & 0xf;
                escaped.push(char::from(b"0123456789abcdef"[digit as usize]));
            }
            escaped.push('}');
        }
    }
}

/// Whether a terminal would obey it rather than show it: a control character, or one that changes the direction of others.
fn is_unsafe(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        c => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn escapes_are_those_of_the_standard_library() {
        for c in (0..0x2100)
            .filter_map(char::from_u32)
            .filter(|c| is_unsafe(*c))
        {
            assert_eq!(text(&c.to_string()), c.escape_default().to_string());
        }
    }

    #[test]
    fn a_line_is_one_line_and_not_too_long() {
        assert_eq!(line("a\nb\t\u{1b}c", 100), "a\\nb\\t\\u{1b}c");
        assert_eq!(line("\u{fc}\u{fc}", 3), "\u{fc}");
    }
}
