//! The lexer of WIT. It works on demand, since whether something is a version depends on its place.

use super::Place;
use std::cell::Cell;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// A name, a keyword, or a number.
    Word(Place),
    Symbol(char, Place),
    /// `->`
    Arrow(Place),
    End(usize),
}

impl Token {
    pub fn range(&self) -> Place {
        match self {
            Self::Word(range) | Self::Symbol(_, range) | Self::Arrow(range) => range.clone(),
            Self::End(at) => *at..*at,
        }
    }
}

pub struct Lexer<'a> {
    pub text: &'a str,
    pub at: usize,
    /// A cache of the last token, with its place: the parser asks again and again what it is.
    peeked: Cell<Option<(usize, Token)>>,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str) -> Self {
        // A byte order mark is not part of any token.
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self {
            text,
            at,
            peeked: Cell::new(None),
        }
    }

    pub fn peek(&self) -> Token {
        let token = match self.peeked.take() {
            Some((at, token)) if at == self.at => token,
            _ => self.token(self.at),
        };
        self.peeked.set(Some((self.at, token.clone())));
        token
    }

    pub fn next(&mut self) -> Token {
        let token = self.peek();
        self.at = token.range().end;
        token
    }

    /// The version that begins right here (`1.2.3-rc.1+build`), without a dot behind it.
    pub fn version(&mut self) -> Option<Place> {
        let start = self.skip_trivia(self.at);
        let rest = &self.text[start..];
        let is_version = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
        let length = rest.find(|c| !is_version(c)).unwrap_or(rest.len());
        let length = rest[..length].trim_end_matches('.').len();
        semver::Version::parse(&rest[..length]).ok()?;
        self.at = start + length;
        Some(start..start + length)
    }

    fn token(&self, at: usize) -> Token {
        let bytes = self.text.as_bytes();
        let start = self.skip_trivia(at);
        let Some(first) = bytes.get(start) else {
            return Token::End(start);
        };
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        match first {
            b'-' if bytes.get(start + 1) == Some(&b'>') => Token::Arrow(start..start + 2),
            b'"' => {
                let length = memchr::memchr(b'"', &bytes[start + 1..]);
                Token::Word(start..length.map_or(bytes.len(), |length| start + length + 2))
            }
            b'%' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                let rest = &bytes[start + 1..];
                let length = rest.iter().position(|byte| !is_word(byte));
                Token::Word(start..length.map_or(bytes.len(), |length| start + 1 + length))
            }
            _ if first.is_ascii() => Token::Symbol(char::from(*first), start..start + 1),
            _ => {
                let first = self.text[start..].chars().next().unwrap_or_default();
                Token::Symbol(first, start..start + first.len_utf8())
            }
        }
    }

    fn skip_trivia(&self, mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        loop {
            while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
                at += 1;
            }
            match (bytes.get(at), bytes.get(at + 1)) {
                (Some(b'/'), Some(b'/')) => {
                    let length = memchr::memchr(b'\n', &bytes[at..]);
                    at = length.map_or(bytes.len(), |length| at + length);
                }
                (Some(b'/'), Some(b'*')) => at = self.block_comment(at),
                _ => return at,
            }
        }
    }

    /// The end of the comment that begins at `at`; comments nest.
    fn block_comment(&self, mut at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut depth = 0;
        while at < bytes.len() {
            match &bytes[at..bytes.len().min(at + 2)] {
                b"/*" => (depth, at) = (depth + 1, at + 2),
                b"*/" => (depth, at) = (depth - 1, at + 2),
                _ => at += 1,
            }
            if depth == 0 {
                break;
            }
        }
        at
    }

    /// Where the doc comments begin that stand right before `at`, each on lines of its own; `at` if there are none.
    pub fn docs_before(&self, at: usize) -> usize {
        let mut start = at;
        loop {
            let before = self.text[..start].trim_end_matches([' ', '\t']);
            let Some(before) = before.strip_suffix('\n') else {
                return start;
            };
            let before = before.trim_end_matches('\r');
            let line = before.rfind('\n').map_or(0, |at| at + 1);
            let content = &before[line..];
            let indent = content.len() - content.trim_start_matches([' ', '\t']).len();
            if content[indent..].starts_with("///") {
                start = line + indent;
            } else if content.ends_with("*/") {
                match before.rfind("/**") {
                    Some(open) if !before[open..before.len() - 2].contains("*/") => start = open,
                    _ => return start,
                }
            } else {
                return start;
            }
        }
    }
}

/// Keeps the comments in replaced text, before the new text. Deleted text is deleted with its comments, and so is a file that is
/// replaced as a whole.
pub fn keep_comments(text: &str, edit: &mut crate::edit::Edit) {
    if edit.text.is_empty() || edit.range.is_empty() || edit.range == (0..text.len()) {
        return;
    }
    let lexer = Lexer::new(&text[..edit.range.end]);
    let (mut at, mut comments) = (edit.range.start, String::new());
    while at < edit.range.end {
        let rest = &lexer.text[at..];
        if rest.starts_with("//") {
            let end = rest
                .find('\n')
                .map_or(edit.range.end, |length| at + length + 1);
            comments += &lexer.text[at..end];
            at = end;
        } else if rest.starts_with("/*") {
            let end = lexer.block_comment(at);
            comments += &lexer.text[at..end];
            comments.push(' ');
            at = end;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    let space = edit.text.len() - edit.text.trim_start().len();
    edit.text.insert_str(space, &comments);
}
