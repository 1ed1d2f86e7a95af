//! Expressions that hold others, or choose between them: fields, structs, `match`, `if`, and those that call nothing.

use super::super::facts::BodyKind;
use super::super::lower::segments;
use super::super::resolve::Space;
use super::super::tree::Def;
use super::super::types::Ty;
use super::super::wasi;
use super::{Taker, Walker, merged};
use syn::Expr;

impl<'a> Walker<'a, '_> {
    /// Expressions that add no names and call nothing.
    pub(super) fn simple(&mut self, expr: &'a Expr) -> Ty {
        match expr {
            Expr::Array(found) => {
                let mut ty = Ty::Unknown;
                for element in &found.elems {
                    let found = self.expr(element);
                    ty = merged(ty, found);
                }
                Ty::std("Vec", vec![ty])
            }
            Expr::Tuple(found) => Ty::Tuple(
                found
                    .elems
                    .iter()
                    .map(|element| self.expr(element))
                    .collect(),
            ),
            Expr::Block(found) => self.block(&found.block),
            Expr::Unsafe(found) => self.block(&found.block),
            Expr::Loop(found) => {
                self.facts.loops.push((self.file, self.parsed.expr(expr)));
                self.block(&found.body);
                Ty::Unknown
            }
            Expr::Const(found) => {
                let body = self
                    .facts
                    .add(BodyKind::Constant, self.file, Some(self.body));
                let outer = std::mem::replace(&mut self.body, body);
                let ty = self.block(&found.block);
                self.body = outer;
                ty
            }
            Expr::TryBlock(found) => self.block(&found.block),
            Expr::Try(found) => self.expr(&found.expr).argument(0),
            Expr::Unary(found) => {
                let ty = self.expr(&found.expr);
                match found.op {
                    syn::UnOp::Deref(_) => self.methods.inner(&ty).unwrap_or(ty),
                    _ => ty,
                }
            }
            Expr::Assign(found) => {
                let right = self.expr(&found.right);
                self.expr(&found.left);
                self.assigned(&found.left, right);
                Ty::unit()
            }
            Expr::Binary(found) => {
                self.expr(&found.left);
                self.expr(&found.right);
                Ty::Unknown
            }
            Expr::Cast(found) => {
                self.expr(&found.expr);
                self.lower(&found.ty)
            }
            Expr::Index(found) => {
                let ty = self.expr(&found.expr);
                self.expr(&found.index);
                match &*found.index {
                    Expr::Range(_) => ty,
                    _ => match self.methods.item(&ty) {
                        Ty::Tuple(pair) if matches!(&ty, Ty::Std(name, _) if name.ends_with("Map")) => {
                            pair.get(1).cloned().unwrap_or(Ty::Unknown)
                        }
                        item => item,
                    },
                }
            }
            Expr::Range(found) => {
                for side in [&found.start, &found.end].into_iter().flatten() {
                    self.expr(side);
                }
                Ty::Unknown
            }
            Expr::RawAddr(found) => self.expr(&found.expr),
            Expr::Repeat(found) => {
                let ty = self.expr(&found.expr);
                self.aside(BodyKind::Constant, &found.len);
                Ty::std("Vec", vec![ty])
            }
            Expr::Return(found) => self.maybe(found.expr.as_deref()),
            Expr::Break(found) => self.maybe(found.expr.as_deref()),
            Expr::Yield(found) => self.maybe(found.expr.as_deref()),
            _ => Ty::Unknown,
        }
    }

    fn maybe(&mut self, expr: Option<&'a Expr>) -> Ty {
        if let Some(expr) = expr {
            self.expr(expr);
        }
        Ty::Unknown
    }

    pub(super) fn matched(&mut self, found: &'a syn::ExprMatch) -> Ty {
        let ty = self.expr(&found.expr);
        let mut result = Ty::Unknown;
        for arm in &found.arms {
            let outer = self.variables.len();
            self.bind(&arm.pat, &ty);
            self.guards(&arm.pat);
            let one = self.expr(&arm.body);
            result = merged(result, one);
            self.variables.truncate(outer);
        }
        result
    }

    pub(super) fn condition(&mut self, found: &'a syn::ExprIf) -> Ty {
        let outer = self.variables.len();
        self.expr(&found.cond);
        let then = self.block(&found.then_branch);
        self.variables.truncate(outer);
        match &found.else_branch {
            Some((_, other)) => {
                let other = self.expr(other);
                merged(then, other)
            }
            None => then,
        }
    }

    pub(super) fn field(&mut self, found: &'a syn::ExprField) -> Ty {
        let mut ty = self.expr(&found.base);
        loop {
            let own = match (&found.member, &ty) {
                (syn::Member::Unnamed(index), Ty::Tuple(types)) => {
                    types.get(index.index as usize).cloned()
                }
                (syn::Member::Named(name), Ty::Wasi(record)) => {
                    wasi::field(record, &name.to_string())
                }
                (member, Ty::Adt(id, arguments)) => self.field_of(*id, 0, member, arguments),
                _ => None,
            };
            match (own, self.methods.inner(&ty)) {
                (Some(own), _) => return own,
                (None, Some(inner)) => ty = inner,
                (None, None) => return Ty::Unknown,
            }
        }
    }

    pub(super) fn structure(&mut self, found: &'a syn::ExprStruct) -> Ty {
        let path = segments(&found.path);
        let ty = self.named_type(&path);
        for field in &found.fields {
            self.taker = Taker::Nothing("a field of a struct".to_owned());
            self.expr(&field.expr);
        }
        if let Some(rest) = &found.rest {
            self.expr(rest);
        }
        ty
    }

    /// The type that a path names, as a struct's or variant's.
    fn named_type(&self, path: &[String]) -> Ty {
        if path.len() == 1 && path[0] == "Self" {
            return self.own();
        }
        match self.resolve(path, Space::Type) {
            Some((Def::Adt(id), _)) | Some((Def::Variant(id, _), _)) => Ty::Adt(id, Vec::new()),
            Some((Def::Wasi(path), _)) => Ty::Wasi(wasi::item(&path).into()),
            Some((Def::Alias(module, item), _)) => {
                self.program.lower(module, &item.ty, &Default::default())
            }
            _ => Ty::Unknown,
        }
    }

    pub(super) fn own(&self) -> Ty {
        let scope = self.function.map(|id| &self.methods.scopes[id]);
        scope
            .and_then(|scope| scope.own.clone())
            .unwrap_or(Ty::Unknown)
    }
}
