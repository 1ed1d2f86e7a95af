//! The parser of worlds: imports, exports, includes.

use super::super::tree::*;
use super::{Parsed, Parser};

impl Parser<'_> {
    pub(super) fn world(&mut self) -> Parsed<World> {
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

    pub(super) fn include(&mut self, start: usize) -> Parsed<Include> {
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
}
