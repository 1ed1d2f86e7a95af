//! The names that imports bring in: interfaces of WASI, their items, and the modules that hold them.

use super::{Language, Mention, What, interfaces, item};
use std::collections::HashMap;
use tree_sitter::Node;

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Binding {
    /// A module that has interfaces: `wit_world`, `wit_world.imports`, `wit_world.exports`.
    World {
        is_export: bool,
    },
    /// One of these interfaces.
    Interface(Vec<String>),
    Item(String),
}

#[derive(Default)]
pub struct Imports {
    pub names: HashMap<String, Binding>,
    pub mentions: Vec<Mention>,
}

impl Imports {
    pub fn of(language: Language, text: &str, root: Node) -> Self {
        let mut imports = Self::default();
        imports.visit(language, text, root);
        imports
    }

    fn visit(&mut self, language: Language, text: &str, node: Node) {
        match (language, node.kind()) {
            (Language::Python, "import_statement") => self.python_import(text, node),
            (Language::Python, "import_from_statement") => self.python_from(text, node),
            (Language::Python, _) => {}
            (_, "import_statement" | "export_statement") => self.script_import(text, node),
            (_, "call_expression") => self.dynamic_import(text, node),
            _ => {}
        }
        let mut cursor = node.walk();
        let children: Vec<_> = node.named_children(&mut cursor).collect();
        children
            .into_iter()
            .for_each(|child| self.visit(language, text, child));
    }

    /// `import wit_world`, `import wit_world.imports.poll as p`, `import poll_loop`
    fn python_import(&mut self, text: &str, node: Node) {
        for (path, local) in python_names(node) {
            let parts: Vec<_> = text[path.byte_range()].split('.').collect();
            match parts.as_slice() {
                ["poll_loop"] => self.mention(path, What::PollLoop),
                // The name stands for the first module; what follows is written where it is used.
                [world, ..] if is_world(text, world) => {
                    let binding = match (local, parts.get(1).copied()) {
                        (Some(_), Some("exports")) => Binding::World { is_export: true },
                        (Some(_), Some("imports")) if parts.len() > 2 => {
                            Binding::Interface(interfaces(parts[2]))
                        }
                        _ => Binding::World { is_export: false },
                    };
                    if let Some(module) = parts.get(2) {
                        self.interface(path, &interfaces(module));
                    }
                    let name = local.map_or(*world, |local| &text[local.byte_range()]);
                    self.names.insert(name.to_owned(), binding);
                }
                _ => {}
            }
        }
    }

    /// `from wit_world.imports import poll`, `from wit_world.imports.types import Fields`, `from wit_world import exports`
    fn python_from(&mut self, text: &str, node: Node) {
        let Some(module) = node.child_by_field_name("module_name") else {
            return;
        };
        let parts: Vec<_> = text[module.byte_range()]
            .split('.')
            .filter(|part| !part.is_empty())
            .collect();
        if parts == ["poll_loop"] {
            self.mention(module, What::PollLoop);
            return;
        }
        let Some((_, rest)) = parts
            .split_first()
            .filter(|(world, _)| is_world(text, world))
        else {
            return;
        };
        for (name, local) in python_names(node) {
            let written = &text[name.byte_range()];
            let found = match rest {
                [] if written == "imports" => Some(Binding::World { is_export: false }),
                [] if written == "exports" => Some(Binding::World { is_export: true }),
                ["imports"] => Some(Binding::Interface(interfaces(written))),
                ["imports", module] => item(&interfaces(module), written).map(Binding::Item),
                // A class of what is to be exported has the interface's name.
                ["exports"] => export(written).map(Binding::Item),
                _ => None,
            };
            match &found {
                Some(Binding::Interface(found)) => self.interface(name, found),
                Some(Binding::Item(full)) if rest.first() == Some(&"imports") => {
                    self.mention(name, What::Item(full.clone()));
                }
                _ => {}
            }
            if let Some(found) = found {
                let local = local.map_or(written, |local| &text[local.byte_range()]);
                self.names.insert(local.to_owned(), found);
            }
        }
    }

    /// `import { poll as p } from "wasi:io/poll@0.2.3"`, `import * as p from …`, `export { poll } from …`
    fn script_import(&mut self, text: &str, node: Node) {
        let source = node.child_by_field_name("source");
        let Some(interface) = source.and_then(|source| self.specifier(text, source)) else {
            return;
        };
        let found = vec![interface];
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            match node.kind() {
                "import_specifier" | "export_specifier" => {
                    let Some(name) = node.child_by_field_name("name") else {
                        continue;
                    };
                    let written = &text[name.byte_range()];
                    let Some(full) = item(&found, written) else {
                        continue;
                    };
                    self.mention(name, What::Item(full.clone()));
                    let local = node.child_by_field_name("alias").unwrap_or(name);
                    let local = text[local.byte_range()].to_owned();
                    self.names.insert(local, Binding::Item(full));
                }
                "namespace_import" => {
                    if let Some(name) = node.named_child(0) {
                        let local = text[name.byte_range()].to_owned();
                        self.names.insert(local, Binding::Interface(found.clone()));
                    }
                }
                _ => {
                    let mut cursor = node.walk();
                    stack.extend(node.named_children(&mut cursor));
                }
            }
        }
    }

    /// `import("wasi:io/poll@0.2.3")`, `require("wasi:io/poll@0.2.3")`
    fn dynamic_import(&mut self, text: &str, node: Node) {
        let function = node.child_by_field_name("function");
        let is_import = function
            .is_some_and(|function| ["import", "require"].contains(&&text[function.byte_range()]));
        let argument = node
            .child_by_field_name("arguments")
            .and_then(|list| list.named_child(0));
        if let Some(argument) = argument.filter(|argument| is_import && argument.kind() == "string")
        {
            self.specifier(text, argument);
        }
    }

    /// The interface that a specifier names, if it is one of WASI 0.2.
    fn specifier(&mut self, text: &str, source: Node) -> Option<String> {
        let written = text[source.byte_range()].trim_matches(['"', '\'']);
        let (name, version) = match written.split_once('@') {
            Some((name, version)) => (name, Some(version)),
            None => (written, None),
        };
        let is_old = version.is_none_or(|version| version.starts_with("0.2."));
        if !is_old || !crate::moves::moves().knows(name) {
            return None;
        }
        self.mention(
            source,
            What::Interface {
                name: name.to_owned(),
                version: version.map(str::to_owned),
            },
        );
        Some(name.to_owned())
    }

    fn interface(&mut self, node: Node, found: &[String]) {
        // Of several that are called the same, what is taken from it says which.
        if let [name] = found {
            let what = What::Interface {
                name: name.clone(),
                version: None,
            };
            self.mention(node, what);
        }
    }

    fn mention(&mut self, node: Node, what: What) {
        self.mentions.push(Mention::new(node, what));
    }
}

/// The interface that a class of exports is for: `IncomingHandler`.
pub fn export(class: &str) -> Option<String> {
    let name = crate::rust::kebab(class);
    let known = ["wasi:http/incoming-handler", "wasi:cli/run"];
    known
        .iter()
        .find(|interface| interface.ends_with(&format!("/{name}")))
        .map(|interface| (*interface).to_owned())
}

/// Whether a module is one that componentize-py has generated: of its own name, or of that of a world of WASI's.
fn is_world(text: &str, name: &str) -> bool {
    ["wit_world", "proxy", "command"].contains(&name) || text.contains("componentize_py")
}

/// The names that an import lists, with the local name if there is another.
fn python_names(node: Node<'_>) -> Vec<(Node<'_>, Option<Node<'_>>)> {
    let mut cursor = node.walk();
    let names: Vec<_> = node.children_by_field_name("name", &mut cursor).collect();
    names
        .into_iter()
        .map(|name| match name.child_by_field_name("alias") {
            Some(alias) => (
                name.child_by_field_name("name").unwrap_or(name),
                Some(alias),
            ),
            None => (name, None),
        })
        .collect()
}
