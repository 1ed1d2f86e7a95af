//! Escapes control characters in the text of guests.
//!
//! A control character that a guest writes can move the cursor, change the window's title, or make a line look as if it came
//! from somebody else. So log lines, error reports and terminals get an escape instead: `\u{1b}`. Newlines and tabs stay.

use std::fmt::Write;

use isyswasfa_core::escape::push;
pub use isyswasfa_core::escape::text;

/// The same in one line, for a text that may have any length: only its beginning.
pub(crate) fn short(text: &str) -> String {
    const MOST: usize = 1000;
    let end = text.floor_char_boundary(MOST);
    let mut escaped = self::text(&text[..end]).replace('\n', "\\n");
    if end < text.len() {
        // Writing to a string does not fail.
        let _ = write!(escaped, "… ({} bytes)", text.len());
    }
    escaped
}

/// The bytes as text, with control characters (but newlines and tabs) and invalid UTF-8 escaped.
pub(crate) fn bytes(bytes: &[u8], out: &mut Vec<u8>) {
    if bytes
        .iter()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'))
    {
        out.extend_from_slice(bytes);
        return;
    }
    let mut escaped = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        push(&mut escaped, chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string does not fail.
            let _ = write!(escaped, "\\x{byte:02x}");
        }
    }
    out.extend_from_slice(escaped.as_bytes());
}

/// Escapes text that comes in pieces. A piece may end within a character.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    /// The first bytes of an incomplete character.
    begun: Vec<u8>,
}

impl Pieces {
    /// The next piece.
    pub fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        let joined;
        let all = if self.begun.is_empty() {
            piece
        } else {
            self.begun.extend_from_slice(piece);
            joined = std::mem::take(&mut self.begun);
            &joined
        };
        let whole = match all.utf8_chunks().last() {
            Some(last) if is_beginning(last.invalid()) => all.len() - last.invalid().len(),
            _ => all.len(),
        };
        bytes(&all[..whole], out);
        self.begun.extend_from_slice(&all[whole..]);
    }

    /// The rest, at the end.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        bytes(&std::mem::take(&mut self.begun), out);
    }
}

/// Whether bytes at the end of a piece may be the beginning of a character.
fn is_beginning(bytes: &[u8]) -> bool {
    match std::str::from_utf8(bytes) {
        Ok(_) => false,
        Err(error) => error.valid_up_to() == 0 && error.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::Cow;

    fn escaped(input: &[u8]) -> String {
        let mut out = Vec::new();
        bytes(input, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(escaped(b"plain\tand\n"), "plain\tand\n");
        assert_eq!(escaped("Grüße, 世界 🦀".as_bytes()), "Grüße, 世界 🦀");
        assert_eq!(
            escaped(b"\x1b[2J\x1b]0;owned\x07\r\x00\x7f"),
            r"\u{1b}[2J\u{1b}]0;owned\u{7}\r\u{0}\u{7f}"
        );
        // The control characters of Latin-1, which some terminals obey too, and one that turns the line around.
        assert_eq!(
            escaped("\u{9b}31m\u{202e}".as_bytes()),
            r"\u{9b}31m\u{202e}"
        );
        assert_eq!(escaped(b"\xff\xfe ok \xc3"), r"\xff\xfe ok \xc3");
        assert_eq!(text("a\x1bb"), r"a\u{1b}b");
        assert!(matches!(text("as it is\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_is_long_is_cut() {
        assert_eq!(short("a\nb\x1b"), r"a\nb\u{1b}");
        let long = short(&"ü".repeat(1 << 20));
        assert!(long.len() < 1100, "{}", long.len());
        assert!(long.ends_with("… (2097152 bytes)"), "{long}");
    }

    #[test]
    fn characters_may_be_cut_anywhere() {
        let input = "ü世🦀\x1b[m".as_bytes();
        for cut in 0..=input.len() {
            let (mut pieces, mut out) = (Pieces::default(), Vec::new());
            pieces.push(&input[..cut], &mut out);
            pieces.push(&input[cut..], &mut out);
            pieces.finish(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), r"ü世🦀\u{1b}[m", "{cut}");
        }
        let (mut pieces, mut out) = (Pieces::default(), Vec::new());
        pieces.push(b"\xf0\x9f", &mut out);
        assert_eq!(out, b"");
        pieces.finish(&mut out);
        assert_eq!(out, br"\xf0\x9f");
    }
}
