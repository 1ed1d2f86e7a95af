//! The parser of WIT. It accepts what `wit-parser` accepts, and does not look for errors beyond syntax.

mod types;
mod world;

use super::lex::{Lexer, Token};
use super::tree::*;

/// A syntax error: what was found, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub at: usize,
    pub message: String,
}

type Parsed<T> = Result<T, SyntaxError>;

pub fn parse(text: &str) -> Parsed<File> {
    let mut parser = Parser {
        lexer: Lexer::new(text),
        depth: 0,
    };
    let mut file = File::default();
    loop {
        let start = parser.item_start()?;
        if let Token::End(_) = parser.lexer.peek() {
            return Ok(file);
        }
        if parser.keyword("package").is_some() {
            let name = parser.package_name()?;
            if parser.symbol('{').is_some() {
                let mut items = Vec::new();
                loop {
                    let start = parser.item_start()?;
                    if parser.symbol('}').is_some() {
                        break;
                    }
                    items.push(parser.item(start)?);
                }
                file.nested.push(Nested { name, items });
            } else {
                parser.expect(';')?;
                file.package = Some(name);
            }
        } else {
            file.items.push(parser.item(start)?);
        }
    }
}

/// The most types inside each other, as in `wit-parser`.
const DEPTH: usize = 100;

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// How many types are open.
    depth: usize,
}

impl Parser<'_> {
    /// Skips annotations. Returns where the item begins, documentation and annotations included.
    fn item_start(&mut self) -> Parsed<usize> {
        let first = self.lexer.peek().range().start;
        while self.symbol('@').is_some() {
            self.id()?;
            if self.symbol('(').is_some() {
                self.id()?;
                self.expect('=')?;
                if self.lexer.version().is_none() {
                    self.id()?;
                }
                self.expect(')')?;
            }
        }
        Ok(self.lexer.docs_before(first))
    }

    fn item(&mut self, start: usize) -> Parsed<Item> {
        if self.keyword("use").is_some() {
            let path = self.path()?;
            let rename = self.rename()?;
            let end = self.expect(';')?;
            return Ok(Item::Use(TopUse {
                range: start..end,
                path,
                rename,
            }));
        }
        if self.keyword("interface").is_some() {
            return Ok(Item::Interface(self.interface()?));
        }
        if self.keyword("world").is_some() {
            return self.world().map(Item::World);
        }
        Err(self.unexpected("`package`, `use`, `interface` or `world`"))
    }

    fn interface(&mut self) -> Parsed<Interface> {
        let name = self.id()?;
        Ok(Interface {
            members: self.members()?,
            name,
        })
    }

    fn members(&mut self) -> Parsed<Vec<Member>> {
        self.expect('{')?;
        let mut members = Vec::new();
        loop {
            let start = self.item_start()?;
            if self.symbol('}').is_some() {
                return Ok(members);
            }
            if self.keyword("use").is_some() {
                members.push(Member::Use(self.used(start)?));
            } else if let Some(ty) = self.type_def(start)? {
                members.push(Member::Type(ty));
            } else {
                let name = self.id()?;
                self.expect(':')?;
                members.push(Member::Func(self.func(start, name)?));
            }
        }
    }

    fn used(&mut self, start: usize) -> Parsed<Use> {
        let path = self.path()?;
        self.expect('.')?;
        self.expect('{')?;
        let mut names = Vec::new();
        while self.symbol('}').is_none() {
            let name = self.id()?;
            let rename = self.rename()?;
            let end = rename.as_ref().unwrap_or(&name).range.end;
            names.push(UseName {
                range: name.range.start..end,
                name,
                rename,
            });
            self.comma_or('}')?;
        }
        let end = self.expect(';')?;
        Ok(Use {
            range: start..end,
            path,
            names,
        })
    }

    fn rename(&mut self) -> Parsed<Option<Id>> {
        match self.keyword("as") {
            Some(_) => self.id().map(Some),
            None => Ok(None),
        }
    }

    fn path(&mut self) -> Parsed<Path> {
        let first = self.id()?;
        let start = first.range.start;
        if self.symbol(':').is_none() {
            return Ok(Path {
                range: first.range.clone(),
                package: None,
                name: first,
                version: None,
            });
        }
        let package = self.id()?;
        self.expect('/')?;
        let name = self.id()?;
        let version = self.version()?;
        let end = version.as_ref().unwrap_or(&name).range.end;
        Ok(Path {
            range: start..end,
            package: Some((first, package)),
            name,
            version,
        })
    }

    fn package_name(&mut self) -> Parsed<PackageName> {
        let namespace = self.id()?;
        self.expect(':')?;
        let name = self.id()?;
        let version = self.version()?;
        let range = namespace.range.start..version.as_ref().unwrap_or(&name).range.end;
        Ok(PackageName {
            range,
            namespace,
            name,
            version,
        })
    }

    fn version(&mut self) -> Parsed<Option<Id>> {
        if self.symbol('@').is_none() {
            return Ok(None);
        }
        let Some(range) = self.lexer.version() else {
            return Err(self.unexpected("a version"));
        };
        Ok(Some(Id {
            text: self.lexer.text[range.clone()].to_owned(),
            range,
        }))
    }

    fn id(&mut self) -> Parsed<Id> {
        let Token::Word(range) = self.lexer.peek() else {
            return Err(self.unexpected("a name"));
        };
        self.lexer.next();
        let text = self.lexer.text[range.clone()]
            .trim_start_matches('%')
            .to_owned();
        Ok(Id { text, range })
    }

    fn keyword(&mut self, word: &str) -> Option<Place> {
        let token = self.lexer.peek();
        self.is_word(&token, word)
            .then(|| self.lexer.next().range())
    }

    fn is_word(&self, token: &Token, word: &str) -> bool {
        matches!(token, Token::Word(range) if &self.lexer.text[range.clone()] == word)
    }

    fn symbol(&mut self, symbol: char) -> Option<Place> {
        self.lexer
            .peek_is(symbol)
            .then(|| self.lexer.next().range())
    }

    /// The end of the symbol.
    fn expect(&mut self, symbol: char) -> Parsed<usize> {
        let Some(range) = self.symbol(symbol) else {
            return Err(self.unexpected(&format!("`{symbol}`")));
        };
        Ok(range.end)
    }

    fn comma_or(&mut self, close: char) -> Parsed<()> {
        if self.symbol(',').is_some() || self.lexer.peek_is(close) {
            return Ok(());
        }
        Err(self.unexpected(&format!("`,` or `{close}`")))
    }

    fn unexpected(&self, expected: &str) -> SyntaxError {
        let token = self.lexer.peek();
        let range = token.range();
        let found = match token {
            Token::End(_) => "the end of the file".to_owned(),
            _ => format!("`{}`", &self.lexer.text[range.clone()]),
        };
        SyntaxError {
            at: range.start,
            message: format!("expected {expected}, found {found}"),
        }
    }
}

impl Lexer<'_> {
    fn peek_is(&self, symbol: char) -> bool {
        match self.peek() {
            Token::Symbol(found, _) => found == symbol,
            // `_` alone is a word to the lexer.
            Token::Word(range) => symbol == '_' && &self.text[range.clone()] == "_",
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tests of rare, but valid, WIT.
    #[test]
    fn rare_syntax() {
        let text = "package a:b@1.0.1--;
            use c:d/e@1.0.0-rc.1 as f;
            interface i {
              %type: func(%list: list<u8, 4>, f: f64) -> tuple<>;
              prop: get() -> u64;
              resource r { constructor(); max: static set(value: u64) -> result<_, string>; }
              resource s;
              flags g { a, b, }
              type m = map<string, stream<future>>;
            }
            @unstable(feature = x) @deprecated(version = 1.2.3)
            world w {
              import label: i;
              import c:d/e@1.0.0-rc.1;
              import other: c:d/e@1.0.0-rc.1;
              export prop: set(value: u32);
              export j: interface { f: async func(); }
              include c:d/v@2.0.0 with { a as b, c as d }
            }
            package x:y { interface z {} }";
        let file = parse(text).unwrap();
        assert_eq!(file.items().count(), 4);
        assert_eq!(file.scopes().len(), 4);
    }

    #[test]
    fn errors_tell_what_stood_where() {
        let error = parse("package a:b;\ninterface i { f: func( }\n").unwrap_err();
        assert_eq!(
            (error.at, error.message.as_str()),
            (36, "expected a name, found `}`")
        );
    }
}
