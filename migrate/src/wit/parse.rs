//! Parses WIT into the tree. It takes what `wit-parser` takes; what is wrong beyond syntax is not its business.

use super::lex::{Lexer, Token};
use super::tree::*;

/// What stood where something else was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    pub at: usize,
    pub message: String,
}

type Parsed<T> = Result<T, SyntaxError>;

pub fn parse(text: &str) -> Parsed<File> {
    let mut parser = Parser {
        lexer: Lexer::new(text),
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

struct Parser<'a> {
    lexer: Lexer<'a>,
}

impl Parser<'_> {
    /// Skips annotations; the answer is where the item begins, docs and annotations included.
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

    fn world(&mut self) -> Parsed<World> {
        let name = self.id()?;
        self.expect('{')?;
        let mut items = Vec::new();
        loop {
            let start = self.item_start()?;
            if self.symbol('}').is_some() {
                return Ok(World { name, items });
            }
            items.push(if self.keyword("import").is_some() {
                WorldItem::Import(self.external(start)?)
            } else if self.keyword("export").is_some() {
                WorldItem::Export(self.external(start)?)
            } else if self.keyword("include").is_some() {
                WorldItem::Include(self.include(start)?)
            } else if self.keyword("use").is_some() {
                WorldItem::Use(self.used(start)?)
            } else if let Some(ty) = self.type_def(start)? {
                WorldItem::Type(ty)
            } else {
                return Err(self.unexpected("`import`, `export`, `include`, `use` or a type"));
            });
        }
    }

    fn external(&mut self, start: usize) -> Parsed<Extern> {
        let here = self.lexer.at;
        let name = self.id()?;
        if self.symbol(':').is_some() {
            if self.keyword("interface").is_some() {
                let members = self.members()?;
                let range = start..self.lexer.at;
                return Ok(Extern {
                    range,
                    kind: ExternKind::Interface(Interface { name, members }),
                });
            }
            let next = self.lexer.peek();
            let is_func = ["func", "async", "get", "set"]
                .iter()
                .any(|word| self.is_word(&next, word));
            if is_func {
                let func = self.func(start, name)?;
                return Ok(Extern {
                    range: func.range.clone(),
                    kind: ExternKind::Func(func),
                });
            }
            // `a:b/c`, or `label: a:b/c`.
            let after = self.lexer.at;
            let _ = self.id()?;
            let labelled = [':', ';']
                .into_iter()
                .any(|symbol| self.lexer.peek_is(symbol));
            self.lexer.at = if labelled { after } else { here };
        } else {
            self.lexer.at = here;
        }
        let path = self.path()?;
        let end = self.expect(';')?;
        Ok(Extern {
            range: start..end,
            kind: ExternKind::Path(path),
        })
    }

    fn include(&mut self, start: usize) -> Parsed<Include> {
        let path = self.path()?;
        let mut renamed = Vec::new();
        if self.keyword("with").is_some() {
            self.expect('{')?;
            while self.symbol('}').is_none() {
                renamed.push(self.id()?);
                self.rename()?;
                self.comma_or('}')?;
            }
            self.symbol(';');
        } else {
            self.expect(';')?;
        }
        Ok(Include {
            range: start..self.lexer.at,
            path,
            renamed,
        })
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

    fn type_def(&mut self, start: usize) -> Parsed<Option<TypeDef>> {
        let word = self.lexer.peek();
        let text = &self.lexer.text[word.range()];
        if !["type", "record", "variant", "enum", "flags", "resource"].contains(&text) {
            return Ok(None);
        }
        self.lexer.next();
        let name = self.id()?;
        let kind = match text {
            "type" => {
                self.expect('=')?;
                let ty = self.ty()?;
                self.expect(';')?;
                TypeDefKind::Alias(ty)
            }
            "record" => TypeDefKind::Record(self.braced(|parser| {
                let name = parser.id()?;
                parser.expect(':')?;
                Ok(Field {
                    name,
                    ty: parser.ty()?,
                })
            })?),
            "variant" => TypeDefKind::Variant(self.braced(|parser| {
                let name = parser.id()?;
                let ty = match parser.symbol('(') {
                    Some(_) => Some(parser.ty()?),
                    None => None,
                };
                if ty.is_some() {
                    parser.expect(')')?;
                }
                Ok(Case { name, ty })
            })?),
            "resource" => TypeDefKind::Resource(self.resource()?),
            _ => TypeDefKind::Names(self.braced(Self::id)?),
        };
        Ok(Some(TypeDef {
            range: start..self.lexer.at,
            name,
            kind,
        }))
    }

    fn braced<T>(&mut self, item: impl Fn(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.expect('{')?;
        let mut items = Vec::new();
        loop {
            self.item_start()?;
            if self.symbol('}').is_some() {
                return Ok(items);
            }
            items.push(item(self)?);
            self.comma_or('}')?;
        }
    }

    fn resource(&mut self) -> Parsed<Vec<Func>> {
        let mut funcs = Vec::new();
        if self.symbol(';').is_some() {
            return Ok(funcs);
        }
        self.expect('{')?;
        loop {
            let start = self.item_start()?;
            if self.symbol('}').is_some() {
                return Ok(funcs);
            }
            let name = self.id()?;
            if name.text == "constructor" && self.lexer.peek_is('(') {
                let keyword = name.range.clone();
                funcs.push(self.signature(start, name, keyword, true)?);
            } else {
                self.expect(':')?;
                funcs.push(self.func(start, name)?);
            }
        }
    }

    fn func(&mut self, start: usize, name: Id) -> Parsed<Func> {
        let mut is_static = self.keyword("static");
        let is_async = self.keyword("async");
        is_static = is_static.or_else(|| self.keyword("static"));
        // Accessors, `name: get() -> u32`, are functions too.
        let keyword = ["func", "get", "set"]
            .into_iter()
            .find_map(|word| self.keyword(word));
        let Some(keyword) = keyword else {
            return Err(self.unexpected("`func`"));
        };
        let func = self.signature(start, name, keyword, false)?;
        Ok(Func {
            is_static,
            is_async,
            ..func
        })
    }

    fn signature(
        &mut self,
        start: usize,
        name: Id,
        keyword: Place,
        is_constructor: bool,
    ) -> Parsed<Func> {
        let open = self.lexer.peek().range().start;
        self.expect('(')?;
        let mut params = Vec::new();
        while self.symbol(')').is_none() {
            let name = self.id()?;
            self.expect(':')?;
            let ty = self.ty()?;
            params.push(Param {
                range: name.range.start..ty.range.end,
                name,
                ty,
            });
            self.comma_or(')')?;
        }
        let params_range = open..self.lexer.at;
        let mut result = None;
        if let Token::Arrow(_) = self.lexer.peek() {
            self.lexer.next();
            result = Some(self.ty()?);
        }
        let end = self.expect(';')?;
        let (is_static, is_async) = (None, None);
        Ok(Func {
            range: start..end,
            name,
            is_static,
            is_async,
            is_constructor,
            keyword,
            params_range,
            params,
            result,
        })
    }

    fn ty(&mut self) -> Parsed<Type> {
        if let Some(range) = self.symbol('_') {
            return Ok(Type {
                range,
                kind: TypeKind::Name("_".to_owned()),
            });
        }
        let token = self.lexer.peek();
        let name = self.id()?;
        let start = token.range().start;
        let mut arguments = Vec::new();
        if self.symbol('<').is_some() {
            while self.symbol('>').is_none() {
                arguments.push(self.ty()?);
                self.comma_or('>')?;
            }
        }
        let mut arguments = arguments.into_iter();
        let kind = match name.text.as_str() {
            "own" => arguments.next().map(|ty| TypeKind::Own(Box::new(ty))),
            "borrow" => arguments.next().map(|ty| TypeKind::Borrow(Box::new(ty))),
            "result" => {
                let mut part = || {
                    arguments
                        .next()
                        .filter(|ty| ty.name() != Some("_"))
                        .map(Box::new)
                };
                let ok = part();
                Some(TypeKind::Result(ok, part()))
            }
            text => ["list", "option", "tuple", "stream", "future", "map"]
                .into_iter()
                .find(|known| *known == text)
                .map(|known| TypeKind::Of(known, arguments.collect())),
        };
        let kind = kind.unwrap_or(TypeKind::Name(name.text));
        Ok(Type {
            range: start..self.lexer.at,
            kind,
        })
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

    /// What is rare in WIT, but is WIT.
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
