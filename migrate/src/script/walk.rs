//! The walk over a file: follows values of WASI through variables, parameters with types, fields and calls.

use super::imports::{Binding, Imports, export};
use super::values::Value;
use super::{Language, Mention, What};
use crate::rust::{Ty, kebab, signature};
use std::collections::HashMap;
use tree_sitter::Node;

pub fn mentions(language: Language, text: &str, root: Node) -> Vec<Mention> {
    let imports = Imports::of(language, text, root);
    // Most files name none of it.
    if imports.names.is_empty() && imports.mentions.is_empty() && language.is_python() {
        return Vec::new();
    }
    let mut walk = Walk {
        text,
        names: imports.names,
        mentions: imports.mentions,
        variables: Vec::new(),
        fields: HashMap::new(),
    };
    walk.visit(root);
    walk.mentions
}

pub struct Walk<'a> {
    text: &'a str,
    pub(super) names: HashMap<String, Binding>,
    mentions: Vec<Mention>,
    /// The variables in scope. Later ones shadow earlier ones.
    pub(super) variables: Vec<(&'a str, Ty)>,
    /// The types of `self.name` and `this.name`.
    pub(super) fields: HashMap<&'a str, Ty>,
}

impl<'a> Walk<'a> {
    pub(super) fn text(&self, node: Node) -> &'a str {
        &self.text[node.byte_range()]
    }

    fn visit(&mut self, node: Node) {
        match node.kind() {
            "import_statement" | "import_from_statement" => {}
            "class_definition" => self.class(node),
            "function_definition"
            | "function_declaration"
            | "function_expression"
            | "arrow_function"
            | "method_definition"
            | "lambda" => self.function(node),
            "assignment" | "variable_declarator" | "assignment_expression" => {
                self.children(node);
                self.assigned(node);
            }
            "as_pattern" => {
                self.children(node);
                let target = node
                    .child_by_field_name("alias")
                    .and_then(|alias| alias.named_child(0));
                if let (Some(value), Some(target)) = (node.named_child(0), target) {
                    let ty = self.ty(value);
                    self.bind(target, ty);
                }
            }
            "export_statement" => {
                self.children(node);
                self.exported(node);
            }
            "attribute" | "member_expression" => self.attribute(node),
            "call" | "call_expression" => self.call(node),
            "identifier" | "type_identifier" => self.name(node),
            _ => self.children(node),
        }
    }

    fn children(&mut self, node: Node) {
        let mut cursor = node.walk();
        let children: Vec<_> = node.named_children(&mut cursor).collect();
        children.into_iter().for_each(|child| self.visit(child));
    }

    /// A class that derives from what is to be exported.
    fn class(&mut self, node: Node) {
        if let Some(bases) = node.child_by_field_name("superclasses") {
            let mut cursor = bases.walk();
            let bases: Vec<_> = bases.named_children(&mut cursor).collect();
            for base in bases {
                let interface = match self.value(base) {
                    Some(Value::Binding(Binding::Item(full))) => Some(full),
                    _ => None,
                };
                let interface = interface.filter(|name| !name.contains('.'));
                if let Some(interface) = interface {
                    let is_async = node
                        .child_by_field_name("body")
                        .is_some_and(|body| self.has_async(body));
                    self.mention(
                        base,
                        What::Export {
                            interface,
                            is_async,
                        },
                    );
                }
            }
        }
        node.child_by_field_name("body")
            .into_iter()
            .for_each(|body| self.visit(body));
    }

    /// Whether the function that an export consists of is async.
    fn has_async(&self, body: Node) -> bool {
        let mut cursor = body.walk();
        body.named_children(&mut cursor).any(|found| {
            let found = found.child_by_field_name("definition").unwrap_or(found);
            let name = found
                .child_by_field_name("name")
                .map(|name| self.text(name));
            name.is_some_and(|name| ["run", "handle"].contains(&name))
                && self.text(found).starts_with("async")
        })
    }

    /// `export const incomingHandler = { handle(…) {…} }`, `export const run = …`
    fn exported(&mut self, node: Node) {
        let mut stack: Vec<_> = node
            .child_by_field_name("declaration")
            .into_iter()
            .collect();
        while let Some(found) = stack.pop() {
            if found.kind() == "lexical_declaration" || found.kind() == "variable_declaration" {
                let mut cursor = found.walk();
                stack.extend(found.named_children(&mut cursor));
            } else if let (Some(name), Some(value)) = (
                found.child_by_field_name("name"),
                found.child_by_field_name("value"),
            ) {
                let Some(interface) = export(self.text(name)) else {
                    continue;
                };
                // Something else may be called `run`: its object has a method of that name.
                let is_object = value.kind() == "object" && {
                    let text = self.text(value);
                    text.contains("run") || text.contains("handle")
                };
                if is_object && (interface != "wasi:cli/run" || !self.mentions.is_empty()) {
                    let is_async = self.has_async(value);
                    self.mention(
                        name,
                        What::Export {
                            interface,
                            is_async,
                        },
                    );
                }
            }
        }
    }

    fn function(&mut self, node: Node) {
        let outer = self.variables.len();
        let parameters = node.child_by_field_name("parameters");
        if let Some(parameters) = parameters {
            let mut cursor = parameters.walk();
            let list: Vec<_> = parameters.named_children(&mut cursor).collect();
            for parameter in list {
                let name = match parameter.child_by_field_name("pattern") {
                    Some(pattern) => Some(pattern),
                    None => parameter.named_child(0).or(Some(parameter)),
                };
                let ty = parameter.child_by_field_name("type");
                let ty = ty.map_or(Ty::Unknown, |ty| self.annotated(ty));
                if let Some(name) = name.filter(|name| name.kind() == "identifier") {
                    self.variables.push((self.text(name), ty));
                }
                parameter
                    .child_by_field_name("type")
                    .into_iter()
                    .for_each(|ty| self.visit(ty));
            }
        }
        for field in ["return_type", "body"] {
            let part = node.child_by_field_name(field);
            part.into_iter().for_each(|part| self.visit(part));
        }
        self.variables.truncate(outer);
    }

    fn assigned(&mut self, node: Node) {
        let target = node
            .child_by_field_name("left")
            .or(node.child_by_field_name("name"));
        let Some(target) = target else { return };
        let value = node
            .child_by_field_name("right")
            .or(node.child_by_field_name("value"));
        let annotated = node
            .child_by_field_name("type")
            .map(|ty| self.annotated(ty));
        let ty = match (annotated, value) {
            (Some(ty), _) if ty != Ty::Unknown => ty,
            (_, Some(value)) => self.ty(value),
            _ => Ty::Unknown,
        };
        self.bind(target, ty);
    }

    fn bind(&mut self, target: Node, ty: Ty) {
        match target.kind() {
            "identifier" => self.variables.push((self.text(target), ty)),
            "pattern_list" | "tuple_pattern" | "array_pattern" => {
                let mut cursor = target.walk();
                let parts: Vec<_> = target.named_children(&mut cursor).collect();
                for (index, part) in parts.into_iter().enumerate() {
                    let ty = match &ty {
                        Ty::Tuple(types) => types.get(index).cloned().unwrap_or(Ty::Unknown),
                        _ => Ty::Unknown,
                    };
                    self.bind(part, ty);
                }
            }
            "attribute" | "member_expression" => {
                if let Some(name) = self.own_field(target) {
                    self.fields.insert(name, ty);
                }
            }
            _ => {}
        }
    }

    /// The name of a field of the object that a method is called on.
    pub(super) fn own_field(&self, node: Node) -> Option<&'a str> {
        let object = node.child_by_field_name("object")?;
        let name = node
            .child_by_field_name("attribute")
            .or(node.child_by_field_name("property"))?;
        ["self", "this"]
            .contains(&self.text(object))
            .then(|| self.text(name))
    }

    /// `streams.InputStream`, `wit_world.imports.poll.poll`
    fn attribute(&mut self, node: Node) {
        match self.value(node) {
            Some(Value::Binding(Binding::Item(full))) if full.contains('.') => {
                let name = node
                    .child_by_field_name("attribute")
                    .or(node.child_by_field_name("property"));
                self.mention(name.unwrap_or(node), What::Item(full));
            }
            Some(Value::Binding(_)) => {}
            _ => {
                let object = node.child_by_field_name("object");
                object.into_iter().for_each(|object| self.visit(object));
            }
        }
    }

    fn name(&mut self, node: Node) {
        // Where it is imported says it already, and once is enough for a name that is used again and again. Functions are called, though.
        if let Some(Value::Binding(Binding::Item(full))) = self.value(node)
            && signature(&full).is_some()
            && full.contains('.')
        {
            self.mention(node, What::Item(full));
        }
    }

    fn call(&mut self, node: Node) {
        let Some(function) = node.child_by_field_name("function") else {
            return self.children(node);
        };
        match self.method(function) {
            Some((name, full)) => {
                let awaited = node.parent().is_some_and(|parent| {
                    parent.kind() == "await" || parent.kind() == "await_expression"
                });
                self.mention(name, What::Call { full, awaited });
                let object = function.child_by_field_name("object");
                object.into_iter().for_each(|object| self.visit(object));
            }
            None => self.visit(function),
        }
        let arguments = node.child_by_field_name("arguments");
        arguments
            .into_iter()
            .for_each(|arguments| self.children(arguments));
    }

    /// The method of WASI that is called, and where its name is.
    pub(super) fn method<'t>(&self, function: Node<'t>) -> Option<(Node<'t>, String)> {
        let object = function.child_by_field_name("object")?;
        let name = function
            .child_by_field_name("attribute")
            .or(function.child_by_field_name("property"))?;
        let ty = match self.value(object)? {
            Value::Of(Ty::Wasi(ty)) => ty.to_string(),
            // Of the class: `OutgoingBody.finish(body, None)`.
            Value::Binding(Binding::Item(full)) if full.contains('.') => full,
            _ => return None,
        };
        let full = format!("{ty}.{}", kebab(self.text(name)));
        signature(&full).map(|_| (name, full))
    }

    fn mention(&mut self, node: Node, what: What) {
        self.mentions.push(Mention::new(node, what));
    }
}
