//! The parser of types, resources and functions.

use super::super::lex::Token;
use super::super::tree::*;
use super::{DEPTH, Parsed, Parser, SyntaxError};

impl Parser<'_> {
    pub(super) fn type_def(&mut self, start: usize) -> Parsed<Option<TypeDef>> {
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

    pub(super) fn func(&mut self, start: usize, name: Id) -> Parsed<Func> {
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

    pub(super) fn ty(&mut self) -> Parsed<Type> {
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
            if self.depth == DEPTH {
                return Err(SyntaxError {
                    at: start,
                    message: format!(
                        "nested too deeply: more than {DEPTH} types inside each other"
                    ),
                });
            }
            self.depth += 1;
            while self.symbol('>').is_none() {
                arguments.push(self.ty()?);
                self.comma_or('>')?;
            }
            self.depth -= 1;
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
}
