//! What the JavaScript package must know of a component and cannot see in JavaScript: which functions were async, and which of
//! them fail with a value. It is an export of the component, `isyswasfa:js/about`, whose one function returns JSON.

use crate::lower::part::encode;
use anyhow::{Context, Result};
use isyswasfa_wit::names::{Role, is_split};
use serde::Serialize;
use wit_parser::{
    Function, IndexMap, Resolve, Type, TypeDefKind, World, WorldId, WorldItem, WorldKey,
};

/// Its name: see [`WIT`].
const NAME: &str = "isyswasfa:js/about@0.1.0";

const WIT: &str = "
    package isyswasfa:js@0.1.0;
    interface about { exports: func() -> string; }
    world js { export about; }";

#[derive(Serialize)]
struct About {
    imports: Vec<Interface>,
    exports: Vec<Interface>,
}

/// An interface, or the world itself.
#[derive(Serialize)]
struct Interface {
    /// Its name; of the world itself: empty.
    name: String,
    functions: Vec<Async>,
}

/// An async function, as it was before the split.
#[derive(Serialize)]
struct Async {
    /// As in WIT: `foo`, `[method]r.foo` or `[static]r.foo`.
    name: String,
    /// How many parameters it has, without `self`.
    params: usize,
    /// Whether it returns a `result`, whose error becomes an exception.
    throws: bool,
}

/// The component with the export.
///
/// # Errors
/// Internal error: the component cannot be made.
pub fn component(resolve: &Resolve, world: WorldId) -> Result<Vec<u8>> {
    let World {
        imports, exports, ..
    } = &resolve.worlds[world];
    let about = About {
        imports: interfaces(resolve, imports),
        exports: interfaces(resolve, exports),
    };
    let text = serde_json::to_string(&about)?;
    let mut made = Resolve::default();
    let package = made.push_source("about.wit", WIT)?;
    let world = made.packages[package].worlds["js"];
    encode(module(&text)?, &made, world)
}

fn interfaces(resolve: &Resolve, items: &IndexMap<WorldKey, WorldItem>) -> Vec<Interface> {
    let mut interfaces = Vec::new();
    let mut root = Vec::new();
    for (key, item) in items {
        match item {
            WorldItem::Interface { id, .. } => {
                let name = resolve.name_world_key(key);
                let functions = resolve.interfaces[*id].functions.values();
                let functions: Vec<_> = functions
                    .filter_map(|it| asynchronous(resolve, it))
                    .collect();
                if is_split(&name) || !functions.is_empty() {
                    interfaces.push(Interface { name, functions });
                }
            }
            WorldItem::Function(function) => root.extend(asynchronous(resolve, function)),
            WorldItem::Type { .. } => {}
        }
    }
    if !root.is_empty() {
        let name = String::new();
        let functions = root;
        interfaces.push(Interface { name, functions });
    }
    interfaces
}

/// The async function that this start half was made of.
fn asynchronous(resolve: &Resolve, start: &Function) -> Option<Async> {
    let Some((Role::Start, name)) = Role::of(&start.name) else {
        return None;
    };
    let result =
        |ty: Option<Type>| match &resolve.types[isyswasfa_wit::origin(resolve, id(ty)?)].kind {
            TypeDefKind::Result(result) => Some(result),
            _ => None,
        };
    let params = start.params.len() - usize::from(name.starts_with("[method]"));
    Some(Async {
        name: name.to_owned(),
        params,
        throws: result(start.result)
            .and_then(|start| result(start.ok))
            .is_some(),
    })
}

fn id(ty: Option<Type>) -> Option<wit_parser::TypeId> {
    match ty {
        Some(Type::Id(id)) => Some(id),
        _ => None,
    }
}

/// A module whose function returns the text, which is in its memory behind the text's address and length.
fn module(text: &str) -> Result<Vec<u8>> {
    const TEXT_AT: u32 = 8;
    let data = [
        TEXT_AT.to_le_bytes(),
        u32::try_from(text.len())?.to_le_bytes(),
    ]
    .concat();
    let data = [data.as_slice(), text.as_bytes()].concat();
    let bytes: String = data.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let pages = data.len().div_ceil(1 << 16);
    let module = format!(
        r#"(module
            (memory (export "memory") {pages})
            (data (i32.const 0) "{bytes}")
            (func (export "{NAME}#exports") (result i32) i32.const 0))"#
    );
    wat::parse_str(module).context("failed to make the module")
}
