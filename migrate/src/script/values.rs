//! The values of expressions: what names stand for, and the types that calls and annotations lead to.

use super::imports::{Binding, export};
use super::walk::Walk;
use super::{interfaces, item};
use crate::rust::{Ty, signature};
use std::sync::Arc;
use tree_sitter::Node;

/// What an expression stands for.
pub enum Value {
    Binding(Binding),
    Of(Ty),
}

impl Walk<'_> {
    pub(super) fn value(&self, node: Node) -> Option<Value> {
        match node.kind() {
            "identifier" | "type_identifier" => {
                let name = self.text(node);
                let mut variables = self.variables.iter().rev();
                if let Some((_, ty)) = variables.find(|(known, _)| *known == name) {
                    return Some(Value::Of(ty.clone()));
                }
                self.names.get(name).cloned().map(Value::Binding)
            }
            "attribute" | "member_expression" => {
                let object = node.child_by_field_name("object")?;
                let name = node
                    .child_by_field_name("attribute")
                    .or(node.child_by_field_name("property"))?;
                let name = self.text(name);
                let binding = match self.value(object) {
                    Some(Value::Binding(binding)) => binding,
                    Some(Value::Of(_)) | None => {
                        let field = self.own_field(node)?;
                        return self.fields.get(field).cloned().map(Value::Of);
                    }
                };
                let found = match binding {
                    Binding::World { .. } if name == "exports" => {
                        Binding::World { is_export: true }
                    }
                    Binding::World { .. } if name == "imports" => {
                        Binding::World { is_export: false }
                    }
                    Binding::World { is_export: true } => Binding::Item(export(name)?),
                    Binding::World { is_export: false } => {
                        let found = interfaces(name);
                        if found.is_empty() {
                            return None;
                        }
                        Binding::Interface(found)
                    }
                    Binding::Interface(found) => Binding::Item(item(&found, name)?),
                    Binding::Item(_) => return None,
                };
                Some(Value::Binding(found))
            }
            _ => match self.ty(node) {
                Ty::Unknown => None,
                ty => Some(Value::Of(ty)),
            },
        }
    }

    /// The type of an expression. Errors are thrown and options are plain values in both languages.
    pub(super) fn ty(&self, node: Node) -> Ty {
        match node.kind() {
            "identifier" | "attribute" | "member_expression" => match self.value(node) {
                Some(Value::Of(ty)) => ty,
                _ => Ty::Unknown,
            },
            "await" | "parenthesized_expression" | "await_expression" | "non_null_expression" => {
                node.named_child(0)
                    .map_or(Ty::Unknown, |inner| self.ty(inner))
            }
            "new_expression" => {
                let class = node.child_by_field_name("constructor");
                class.map_or(Ty::Unknown, |class| self.constructed(class))
            }
            "call" | "call_expression" => {
                let Some(function) = node.child_by_field_name("function") else {
                    return Ty::Unknown;
                };
                if let Some((_, full)) = self.method(function) {
                    return signature(&full).map_or(Ty::Unknown, plain);
                }
                self.constructed(function)
            }
            _ => Ty::Unknown,
        }
    }

    /// The type of a call of a class or of a function.
    fn constructed(&self, function: Node) -> Ty {
        match self.value(function) {
            Some(Value::Binding(Binding::Item(full))) => match signature(&full) {
                Some(ty) => plain(ty),
                None => Ty::Wasi(full.into()),
            },
            _ => Ty::Unknown,
        }
    }

    /// The type that an annotation says: `IncomingRequest`, `"types.IncomingRequest"`, `Optional[InputStream]`
    pub(super) fn annotated(&self, node: Node) -> Ty {
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            if let Some(Value::Binding(Binding::Item(full))) = self.value(node)
                && full.contains('.')
            {
                return Ty::Wasi(full.into());
            }
            if !["attribute", "member_expression"].contains(&node.kind()) {
                let mut cursor = node.walk();
                stack.extend(node.named_children(&mut cursor));
            }
        }
        Ty::Unknown
    }
}

/// What a function's result is without errors and options around it.
fn plain(ty: &Ty) -> Ty {
    match ty {
        Ty::Result(inner) | Ty::Option(inner) => plain(inner),
        Ty::Tuple(types) => Ty::Tuple(types.iter().map(plain).collect()),
        Ty::List(inner) => Ty::List(Arc::new(plain(inner))),
        ty => ty.clone(),
    }
}
