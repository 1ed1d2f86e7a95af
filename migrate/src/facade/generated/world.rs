//! The world that bindings are generated of: what the macro is told, and what the WIT has.

use crate::rust::kebab;
use proc_macro2::{TokenStream, TokenTree};
use std::path::{Path, PathBuf};
use syn::{Item, ItemMod};
use wit_parser::{InterfaceId, Resolve, Type, TypeDefKind, TypeOwner, WorldItem};

/// The world that bindings are of.
#[derive(Debug, Default)]
pub struct World {
    /// Interfaces of WASI 0.2 that it exports, without versions: `wasi:http/incoming-handler`.
    pub exports: Vec<String>,
    /// It imports or exports something else.
    pub has_own: bool,
    pub is_0_2: bool,
    /// An interface of the program's own that has types of WASI's.
    pub shares: Option<String>,
}

/// What `generate!` is told.
#[derive(Default)]
pub struct Told {
    pub world: Option<String>,
    pub paths: Vec<String>,
    pub inline: Option<String>,
    /// Where the inline WIT stands.
    pub inline_at: Option<proc_macro2::Span>,
}

/// What the macro is told: `"world"`, `"world" in "path"`, or `{ world: …, path: …, inline: … }`.
pub fn told(tokens: TokenStream) -> Told {
    let mut told = Told::default();
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let trees = match &trees[..] {
        [TokenTree::Group(group)] => group.stream().into_iter().collect(),
        _ => trees,
    };
    let text = |tree: Option<&TokenTree>| match tree {
        Some(TokenTree::Literal(literal)) => syn::parse_str::<syn::LitStr>(&literal.to_string())
            .ok()
            .map(|literal| literal.value()),
        _ => None,
    };
    if let Some(world) = text(trees.first()) {
        told.world = Some(world);
        told.paths.extend(text(trees.get(2)));
        return told;
    }
    for (index, tree) in trees.iter().enumerate() {
        let TokenTree::Ident(key) = tree else {
            continue;
        };
        let value = trees.get(index + 2);
        match key.to_string().as_str() {
            "world" => told.world = text(value),
            "path" => match value {
                Some(TokenTree::Group(list)) => told.paths.extend(
                    list.stream()
                        .into_iter()
                        .filter_map(|tree| text(Some(&tree))),
                ),
                value => told.paths.extend(text(value)),
            },
            "inline" => {
                told.inline = text(value);
                told.inline_at = value.map(TokenTree::span);
            }
            _ => {}
        }
    }
    told
}

pub fn world(folder: &Path, told: &Told) -> Result<World, String> {
    let mut resolve = Resolve {
        all_features: true,
        ..Resolve::default()
    };
    let failed = |error: &dyn std::fmt::Display| {
        format!("{error:#}")
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let mut paths: Vec<PathBuf> = told.paths.iter().map(|path| folder.join(path)).collect();
    if paths.is_empty() && told.inline.is_none() {
        paths.push(folder.join("wit"));
    }
    let mut packages = Vec::new();
    for path in paths {
        let (package, _) = resolve.push_path(&path).map_err(|error| failed(&error))?;
        packages = vec![package];
    }
    if let Some(inline) = &told.inline {
        packages = vec![
            resolve
                .push_source("inline.wit", inline)
                .map_err(|error| failed(&error))?,
        ];
    }
    let id = resolve
        .select_world(&packages, told.world.as_deref())
        .map_err(|error| failed(&error))?;
    let world = &resolve.worlds[id];
    let mut result = World::default();
    let items = world
        .imports
        .values()
        .map(|item| (item, false))
        .chain(world.exports.values().map(|item| (item, true)));
    for (item, is_export) in items {
        let name = match item {
            WorldItem::Interface { id, .. } => resolve.id_of(*id),
            _ => None,
        };
        let wasi = name
            .as_deref()
            .filter(|name| name.starts_with("wasi:"))
            .and_then(|name| name.split_once('@'));
        match wasi {
            Some((interface, version)) if version.starts_with("0.2") => {
                result.is_0_2 = true;
                if is_export {
                    result.exports.push(interface.to_owned());
                }
            }
            _ => {
                result.has_own = true;
                if let WorldItem::Interface { id, .. } = item
                    && shares(&resolve, *id)
                {
                    result.shares = name;
                }
            }
        }
    }
    Ok(result)
}

/// Whether an interface has types of WASI 0.2 from others.
fn shares(resolve: &Resolve, id: InterfaceId) -> bool {
    let mut used = resolve.interfaces[id].types.values().copied();
    used.any(|ty| {
        let mut at = ty;
        while let TypeDefKind::Type(Type::Id(next)) = resolve.types[at].kind {
            at = next;
        }
        let TypeOwner::Interface(owner) = resolve.types[at].owner else {
            return false;
        };
        let package = resolve.interfaces[owner].package;
        package.is_some_and(|package| resolve.packages[package].name.namespace == "wasi")
    })
}

/// The world of bindings that a program has written to a file, as cargo-component does.
pub fn of_file(text: &str, items: &[Item]) -> World {
    let mut world = World {
        is_0_2: text.contains("@0.2."),
        ..World::default()
    };
    for item in items {
        match item {
            Item::Mod(item) if item.ident == "exports" => {
                exported(item, &mut Vec::new(), &mut world)
            }
            Item::Mod(item) => {
                world.has_own |= item.ident != "wasi" && !item.ident.to_string().starts_with('_')
            }
            Item::Trait(item) => world.has_own |= item.ident == "Guest",
            Item::Fn(item) => world.has_own |= !item.sig.ident.to_string().starts_with('_'),
            _ => {}
        }
    }
    world
}

/// `exports::wasi::http::incoming_handler`
fn exported(item: &ItemMod, path: &mut Vec<String>, world: &mut World) {
    let inner = item.content.iter().flat_map(|(_, items)| items);
    for item in inner {
        let Item::Mod(item) = item else { continue };
        path.push(item.ident.to_string());
        match &path[..] {
            [namespace, package, interface] if namespace == "wasi" => {
                world
                    .exports
                    .push(format!("wasi:{}/{}", kebab(package), kebab(interface)));
            }
            [_, _, _] => world.has_own = true,
            _ => exported(item, path, world),
        }
        path.pop();
    }
}
