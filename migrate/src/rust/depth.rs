//! An estimate of how deeply a Rust file is nested, from its tokens alone. It must be known before the file is parsed.
//!
//! A tree is as deep as its brackets, and within brackets as its chains: `a + b + c`, `a.b().c()`, `&&&a`, `if … else if …` and
//! `A<B<C>>` make trees that are as deep as they are long, and where they end, only a parser knows. So every token since the last
//! `;` counts, or since the last `,` that is not part of the arguments of a type or closure. That is more than enough, and costs
//! little: see [`crate::stack`].

use crate::engine::FileError;
use crate::stack;

/// The most brackets inside each other. Neither people nor generators write as many, and a parser needs much stack for each.
pub const BRACKETS: usize = 1000;

/// The levels of a token that a whole expression or type follows: parsers call many functions to get there. After an operator
/// they call few.
const WHOLE: usize = 16;

/// The words of that kind.
const WORDS: [&str; 25] = [
    "async", "box", "break", "const", "dyn", "else", "extern", "fn", "for", "if", "impl", "in",
    "let", "loop", "match", "move", "mut", "raw", "ref", "return", "static", "unsafe", "where",
    "while", "yield",
];

/// The levels of a file, for `stack::with`.
///
/// # Errors
/// If there are more than can be parsed. The error says where they begin, and what they are.
pub fn levels(text: &str) -> Result<usize, FileError> {
    let mut depth = Depth {
        lexer: Lexer { text, at: 0 },
        open: vec![Bracket::default()],
        sum: 0,
        most: 0,
    };
    while let Some(token) = depth.lexer.next() {
        depth.take(token)?;
    }
    Ok(depth.most)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Word(&'a str),
    Open,
    Close(u8),
    /// Any other byte; and whether it is the end of `->` or `=>`, or a `=` that compares nothing.
    Other(u8, bool),
    Literal,
}

struct Depth<'a> {
    lexer: Lexer<'a>,
    /// The brackets that are open, and the file itself.
    open: Vec<Bracket>,
    /// The levels of all of them.
    sum: usize,
    most: usize,
}

#[derive(Default)]
struct Bracket {
    /// Levels that lead up to the last comma, and those since.
    before: usize,
    since: usize,
    /// Whether what came last can be what an operator is applied to.
    is_operand: bool,
    /// Where an operator ends that had something before it: what follows at once belongs to it, as in `==`.
    operator: Option<usize>,
    /// How many `<` are open.
    angles: usize,
    /// Whether the parameters of a closure are open.
    in_pipes: bool,
    /// Whether the last token was the end of braces.
    is_after_block: bool,
}

impl Depth<'_> {
    fn take(&mut self, token: Token) -> Result<(), FileError> {
        let Some(bracket) = self.open.last_mut() else {
            return Ok(());
        };
        let is_after_block = std::mem::take(&mut bracket.is_after_block);
        let is_operand = match token {
            Token::Word(word) => !WORDS.contains(&word),
            Token::Literal | Token::Close(_) => true,
            Token::Open => false,
            Token::Other(byte, _) => byte == b'?',
        };
        let was_operand = std::mem::replace(&mut bracket.is_operand, is_operand);
        let operator = bracket.operator.take();
        let mut more = 1;
        if let Token::Other(..) = token {
            let at = self.lexer.at;
            if was_operand {
                bracket.operator = Some(at);
            } else if operator != Some(at - 1) {
                // Before an operand: `!a`, `&a`, `|a| b`.
                more = WHOLE;
            }
        }
        match token {
            Token::Open => {
                self.open.push(Bracket::default());
                if self.open.len() > BRACKETS + 1 {
                    return self.refuse(format!("more than {BRACKETS} brackets inside each other"));
                }
                self.sum += WHOLE;
                more = 0;
            }
            Token::Close(byte) => {
                // What closes more than is open is an error that the parser tells.
                if self.open.len() > 1
                    && let Some(closed) = self.open.pop()
                {
                    self.sum -= closed.before + closed.since + WHOLE;
                }
                if let Some(bracket) = self.open.last_mut() {
                    bracket.is_after_block = byte == b'}';
                    bracket.is_operand = true;
                }
            }
            Token::Other(b';', _) => {
                self.sum -= bracket.before + bracket.since;
                *bracket = Bracket::default();
            }
            Token::Other(b',', _) if bracket.angles == 0 && !bracket.in_pipes => {
                self.sum -= bracket.since;
                bracket.since = 0;
            }
            Token::Other(b',', _) => {
                bracket.before += bracket.since;
                bracket.since = 0;
            }
            Token::Other(b'<', _) => {
                bracket.angles += 1;
                more = WHOLE;
            }
            Token::Other(b'>', false) => bracket.angles = bracket.angles.saturating_sub(1),
            Token::Other(b'|', _) => bracket.in_pipes = !bracket.in_pipes,
            // An assignment, a default, the type behind `->`; not `==`, `<=` and their like.
            Token::Other(b'=', true) | Token::Other(b'>', true) => more = WHOLE,
            // Behind a block, a word begins the next statement or item, unless it goes on with this one.
            Token::Word(word)
                if is_after_block
                    && bracket.angles == 0
                    && !["else", "as", "in", "where", "for"].contains(&word) =>
            {
                self.sum -= bracket.before + bracket.since;
                *bracket = Bracket::default();
                more = if WORDS.contains(&word) { WHOLE } else { 1 };
            }
            Token::Word(word) if WORDS.contains(&word) => more = WHOLE,
            _ => {}
        }
        if let Some(bracket) = self.open.last_mut() {
            bracket.since += more;
            self.sum += more;
        }
        self.most = self.most.max(self.sum);
        if self.most > stack::MOST {
            return self.refuse("an expression or type of too many parts".to_owned());
        }
        Ok(())
    }

    fn refuse(&self, what: String) -> Result<(), FileError> {
        Err(FileError {
            at: self.lexer.at.saturating_sub(1),
            message: format!(
                "nested too deeply: {what}; if it is generated, leave it out, by `.gitignore` or by naming other files"
            ),
        })
    }
}

/// Cuts Rust into tokens, as far as counting them needs it. (Not `proc-macro2`, which makes a tree of them.)
struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.text.as_bytes();
        loop {
            let byte = *bytes.get(self.at)?;
            let start = self.at;
            self.at += 1;
            match byte {
                b'/' if bytes.get(self.at) == Some(&b'/') => {
                    let line = memchr::memchr(b'\n', &bytes[self.at..]);
                    self.at = line.map_or(bytes.len(), |length| self.at + length);
                }
                b'/' if bytes.get(self.at) == Some(&b'*') => self.block_comment(),
                _ if byte.is_ascii_whitespace() => {}
                b'(' | b'[' | b'{' => return Some(Token::Open),
                b')' | b']' | b'}' => return Some(Token::Close(byte)),
                b'"' => {
                    self.string();
                    return Some(Token::Literal);
                }
                b'\'' => {
                    self.character();
                    return Some(Token::Literal);
                }
                b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => {
                    let is_word =
                        |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 0x80;
                    let length = bytes[self.at..].iter().position(|byte| !is_word(byte));
                    self.at = length.map_or(bytes.len(), |length| self.at + length);
                    let word = &self.text[start..self.at];
                    if ["r", "br", "cr"].contains(&word) && self.raw_string() {
                        return Some(Token::Literal);
                    }
                    return Some(Token::Word(word));
                }
                _ => {
                    let before = start.checked_sub(1).map(|at| bytes[at]);
                    let is_arrow = byte == b'>' && matches!(before, Some(b'-' | b'='));
                    let is_assignment = byte == b'='
                        && !matches!(before, Some(b'=' | b'!' | b'<' | b'>'))
                        && !matches!(bytes.get(self.at), Some(b'=' | b'>'));
                    return Some(Token::Other(byte, is_arrow || is_assignment));
                }
            }
        }
    }

    /// Behind the `/` of one that begins; they nest.
    fn block_comment(&mut self) {
        let bytes = self.text.as_bytes();
        let mut depth = 1;
        self.at += 1;
        while depth > 0 && self.at < bytes.len() {
            match &bytes[self.at..bytes.len().min(self.at + 2)] {
                b"/*" => (depth, self.at) = (depth + 1, self.at + 2),
                b"*/" => (depth, self.at) = (depth - 1, self.at + 2),
                _ => self.at += 1,
            }
        }
    }

    /// Behind its first quote.
    fn string(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(length) = memchr::memchr2(b'"', b'\\', &bytes[self.at..]) {
            let found = self.at + length;
            self.at = bytes.len().min(found + 1);
            if bytes[found] == b'"' {
                return;
            }
            self.at = bytes.len().min(self.at + 1);
        }
        self.at = bytes.len();
    }

    /// Behind the quote of a character or lifetime.
    fn character(&mut self) {
        let rest = &self.text[self.at..];
        let mut characters = rest.chars();
        let first = characters.next();
        if first == Some('\\') {
            // The quote behind what is escaped, which may be a quote.
            let escaped = characters.next().map_or(0, char::len_utf8);
            let from = 1 + escaped;
            let length = memchr::memchr(b'\'', &rest.as_bytes()[from..]);
            self.at += length.map_or(rest.len(), |length| from + length + 1);
        } else if let Some(first) = first
            && characters.next() == Some('\'')
        {
            self.at += first.len_utf8() + 1;
        }
    }

    /// Behind its `r`; false if it is none, but `r#name`.
    fn raw_string(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        let rest = &bytes[self.at..];
        let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
        if rest.get(hashes) != Some(&b'"') {
            return false;
        }
        let end = format!("\"{}", "#".repeat(hashes));
        let from = hashes + 1;
        let length = memchr::memmem::find(&rest[from..], end.as_bytes());
        self.at += length.map_or(rest.len(), |length| from + length + end.len());
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> usize {
        levels(text).unwrap()
    }

    #[test]
    fn chains_count_to_their_end() {
        assert!(of(&format!("fn f() {{ 1{} }}", "+1".repeat(100_000))) >= 200_000);
        assert!(of(&format!("fn f() {{ x{} }}", ".a()".repeat(100_000))) >= 200_000);
        assert!(of(&format!("type T = {};", "A<u8, ".repeat(1000))) >= 10_000);
        assert!(of(&format!("fn f() {{ {} }}", "|a, b| ".repeat(1000))) >= 4_000);
        assert!(
            of(&format!(
                "fn f() {{ {} {{}} }}",
                "if x {} else ".repeat(1000)
            )) >= 3_000
        );
    }

    #[test]
    fn what_stands_side_by_side_does_not() {
        for text in [
            "fn f(a: u8) -> u8 { a }\n",
            "let x = a.b(c) + d;\n",
            "pub struct A<T> { a: T }\n#[b] impl A<u8> {}\n",
        ] {
            assert!(of(&text.repeat(10_000)) < 500, "{text}");
        }
        let table = format!(
            "static T: &[u8] = &[{}];",
            "1 + 2, (3, 4), ".repeat(100_000)
        );
        assert!(of(&table) < 500);
    }

    #[test]
    fn text_is_no_bracket() {
        for text in [
            r#"let a = "\"((("#,
            "let a = r#\"\"(((\"#;",
            "let a = br##\"\"#(((\"##;",
            "// (((\n",
            "/* /* */ ((( */",
            "let a = ['(', b'(', '\\'', '(', '\\u{28}'];",
            "let a: &'a str = 'ü'; let b: &'(u8);",
            "let r#a = r; let b = br;",
        ] {
            let text = format!("{text}\"; '");
            assert!(of(&text) < 100, "{text}");
        }
        let deep = "(".repeat(BRACKETS + 1);
        for text in [
            "\"\\\\\"", "'a'", "'a", "r\"\\\"", "/* // */", "'\\\\'", "b'\"'",
        ] {
            let error = levels(&format!("{text} {deep}")).unwrap_err();
            assert!(error.message.contains("brackets"), "{text}");
        }
    }

    #[test]
    fn what_is_too_deep_is_refused_where_it_is() {
        let text = format!("\n{}", "(".repeat(BRACKETS + 1));
        let error = levels(&text).unwrap_err();
        assert_eq!(error.at, BRACKETS + 1);
        let text = "!".repeat(stack::MOST + 1);
        assert!(
            levels(&text)
                .unwrap_err()
                .message
                .contains("too many parts")
        );
    }
}
