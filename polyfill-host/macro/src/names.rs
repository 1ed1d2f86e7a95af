//! The Rust names of items, and the keys by which options name items.

use crate::generator::Side;
use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Span};
use wit_parser::{InterfaceId, PackageId, Resolve, WorldKey};

/// A name of WIT as a variable, function or module.
pub fn snake(name: &str) -> Ident {
    escaped(name.to_snake_case())
}

/// A name of WIT as a type.
pub fn camel(name: &str) -> Ident {
    let name = name.to_upper_camel_case();
    match name.as_str() {
        // Generated code uses these names.
        "Host" | "Guest" | "Self" => Ident::new(&format!("{name}_"), Span::call_site()),
        _ => Ident::new(&name, Span::call_site()),
    }
}

fn escaped(name: String) -> Ident {
    let starts_well = name.starts_with(|c: char| c.is_alphabetic() || c == '_');
    let name = if starts_well {
        name
    } else {
        format!("_{name}")
    };
    // A name that parses is no keyword.
    match syn::parse_str::<Ident>(&name) {
        Ok(ident) => Ident::new(&ident.to_string(), Span::call_site()),
        Err(_) => Ident::new(&format!("{name}_"), Span::call_site()),
    }
}

/// The module of an interface, from the place of the macro call.
pub fn module(resolve: &Resolve, id: InterfaceId, key: &WorldKey, side: Side) -> Vec<Ident> {
    let mut path = Vec::new();
    if side == Side::Export {
        path.push(snake("exports"));
    }
    match key {
        WorldKey::Name(name) => path.push(snake(name)),
        WorldKey::Interface(_) => {
            let interface = &resolve.interfaces[id];
            if let (Some(package), Some(name)) = (interface.package, &interface.name) {
                path.push(snake(&resolve.packages[package].name.namespace));
                path.push(package_module(resolve, package));
                path.push(snake(name));
            }
        }
    }
    path
}

/// A package's module: with the version if there are several versions of it.
fn package_module(resolve: &Resolve, id: PackageId) -> Ident {
    let name = &resolve.packages[id].name;
    let is_same = |other: &wit_parser::PackageName| {
        other.namespace == name.namespace && other.name == name.name
    };
    let same = resolve
        .packages
        .iter()
        .filter(|(_, other)| is_same(&other.name));
    let base = name.name.to_snake_case();
    match &name.version {
        Some(version) if same.count() > 1 => {
            let version = version.to_string().replace(['.', '-', '+'], "_");
            escaped(format!("{base}{}", version.to_snake_case()))
        }
        _ => escaped(base),
    }
}

/// The keys by which options may name an item: its own, and those of the items around it.
pub struct Keys {
    keys: Vec<(String, usize)>,
    exact: usize,
}

impl Keys {
    /// The keys of an interface.
    pub fn of_interface(resolve: &Resolve, key: &WorldKey) -> Keys {
        let id = match key {
            WorldKey::Name(name) => {
                return Keys {
                    keys: vec![(name.clone(), 0)],
                    exact: 1,
                };
            }
            WorldKey::Interface(id) => *id,
        };
        let interface = &resolve.interfaces[id];
        let (Some(package), Some(interface)) = (interface.package, &interface.name) else {
            return Keys::none();
        };
        let name = &resolve.packages[package].name;
        let package = format!("{}:{}", name.namespace, name.name);
        let mut keys = Vec::new();
        if let Some(version) = &name.version {
            keys.push((format!("{package}/{interface}@{version}"), 0));
        }
        keys.push((format!("{package}/{interface}"), 0));
        let exact = keys.len();
        if let Some(version) = &name.version {
            keys.push((format!("{package}@{version}"), 1));
        }
        keys.push((package, 1));
        keys.push((name.namespace.clone(), 2));
        Keys { keys, exact }
    }

    /// No keys.
    fn none() -> Keys {
        Keys {
            keys: Vec::new(),
            exact: 0,
        }
    }

    /// The keys of an item in an interface, or in the world itself.
    pub fn of_item(resolve: &Resolve, key: Option<&WorldKey>, item: &str) -> Keys {
        let Some(key) = key else {
            return Keys {
                keys: vec![(item.to_owned(), 0)],
                exact: 1,
            };
        };
        let of = Keys::of_interface(resolve, key);
        let exact = of.keys[..of.exact].iter();
        let mut keys: Vec<_> = exact.map(|(key, _)| (format!("{key}.{item}"), 0)).collect();
        let exact = keys.len();
        keys.extend(of.keys);
        Keys { keys, exact }
    }

    /// All keys, nearest first, and whether each names the item itself.
    pub fn all(&self) -> impl Iterator<Item = (&str, bool)> {
        let keys = self.keys.iter().enumerate();
        keys.map(|(n, (key, _))| (key.as_str(), n < self.exact))
    }

    /// The keys that name the item itself.
    pub fn exact(&self) -> impl Iterator<Item = &str> {
        self.keys[..self.exact].iter().map(|(key, _)| key.as_str())
    }

    /// All keys, and the number of modules between the key's item and an interface.
    pub fn with_depth(&self) -> impl Iterator<Item = (&str, usize)> {
        self.keys.iter().map(|(key, depth)| (key.as_str(), *depth))
    }
}
