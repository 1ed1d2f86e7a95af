//! A component's own definitions, by index space: what its sections say, without the types.
//!
//! A nested component is read on demand: most are shells that only rename and retype what they are given.

mod origin;
mod read;

pub use origin::FuncOrigin;
pub use read::read;

use crate::error::{Error, Result};
use wasmparser::{CanonicalFunction, ComponentExternalKind, ExternalKind};

/// A component, taken apart.
#[derive(Default)]
pub struct Component<'a> {
    /// Core modules.
    pub modules: Vec<Module<'a>>,
    /// Core instances.
    pub core_instances: Vec<CoreInstance<'a>>,
    /// Core functions.
    pub core_funcs: Vec<CoreFunc<'a>>,
    /// Core memories, tables, globals and tags: always aliases of what a core instance exports.
    pub core_items: CoreItems<'a>,
    /// Component functions.
    pub funcs: Vec<Func<'a>>,
    /// Component instances.
    pub instances: Vec<Instance<'a>>,
    /// Nested components.
    pub components: Vec<Nested<'a>>,
    /// How many types there are.
    pub types: u32,
    /// The resources that the component defines: the index of the type, and the destructor.
    pub resources: Vec<(u32, Option<u32>)>,
    /// The names of what is imported.
    pub imports: Vec<&'a str>,
    /// What is exported, in order.
    pub exports: Vec<Export<'a>>,
    /// Core modules and core instances in the order of their definition.
    pub order: Vec<Step>,
    /// Custom sections: name and content.
    pub customs: Vec<(&'a str, &'a [u8])>,
}

impl<'a> Component<'a> {
    /// The names of all that it imports and exports.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        let exports = self.exports.iter().map(|export| export.name);
        self.imports.iter().copied().chain(exports)
    }

    /// The components that it contains.
    pub fn nested(&self) -> impl Iterator<Item = &'a [u8]> {
        self.components.iter().filter_map(|nested| match nested {
            Nested::Here(bytes) => Some(*bytes),
            Nested::Elsewhere => None,
        })
    }
}

/// A definition that takes part in instantiation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A core instance.
    CoreInstance(u32),
    /// A component instance.
    Instance(u32),
    /// A `start` section.
    Start,
}

/// A core module.
#[derive(Clone, Copy)]
pub enum Module<'a> {
    /// One that the component contains.
    Here(&'a [u8]),
    /// An import or an alias.
    Elsewhere,
}

/// A core instance.
pub enum CoreInstance<'a> {
    /// A module is instantiated.
    Instantiate {
        /// The module.
        module: u32,
        /// The imports: module name and core instance.
        args: Vec<(&'a str, u32)>,
    },
    /// Items under names.
    Exports(Vec<(&'a str, ExternalKind, u32)>),
}

/// A core function.
#[derive(Clone)]
pub enum CoreFunc<'a> {
    /// An export of a core instance.
    Alias(u32, &'a str),
    /// A canonical built-in, or a lowered function.
    Canon(CanonicalFunction),
}

/// Aliases of core memories, tables, globals and tags.
#[derive(Default)]
pub struct CoreItems<'a> {
    pub memories: Vec<(u32, &'a str)>,
    pub tables: Vec<(u32, &'a str)>,
    pub globals: Vec<(u32, &'a str)>,
    pub tags: Vec<(u32, &'a str)>,
}

impl<'a> CoreItems<'a> {
    /// The index space of a kind of item; none for functions.
    pub fn space(&self, kind: ExternalKind) -> Option<&Vec<(u32, &'a str)>> {
        match kind {
            ExternalKind::Memory => Some(&self.memories),
            ExternalKind::Table => Some(&self.tables),
            ExternalKind::Global => Some(&self.globals),
            ExternalKind::Tag => Some(&self.tags),
            ExternalKind::Func | ExternalKind::FuncExact => None,
        }
    }
}

/// A component function.
#[derive(Clone)]
pub enum Func<'a> {
    /// An import of the component itself.
    Import(&'a str),
    /// An export of a component instance.
    Alias(u32, &'a str),
    /// A lifted core function.
    Lift(Lift),
    /// Another function, exported.
    Export(u32),
}

/// `canon lift`.
#[derive(Clone)]
pub struct Lift {
    /// The core function.
    pub core_func: u32,
    /// Its options.
    pub options: Box<[wasmparser::CanonicalOption]>,
}

/// A component instance.
pub enum Instance<'a> {
    /// An import.
    Import(&'a str),
    /// An export of another instance.
    Alias(u32, &'a str),
    /// A nested component is instantiated.
    Instantiate {
        /// The component.
        component: u32,
        /// The imports.
        args: Vec<(&'a str, ComponentExternalKind, u32)>,
    },
    /// Items under names.
    Exports(Vec<(&'a str, ComponentExternalKind, u32)>),
    /// Another instance, exported.
    Export(u32),
}

/// A nested component.
#[derive(Clone, Copy)]
pub enum Nested<'a> {
    /// One that the component contains.
    Here(&'a [u8]),
    /// An import, an alias, or an outer one.
    Elsewhere,
}

/// An export.
pub struct Export<'a> {
    pub name: &'a str,
    pub kind: ComponentExternalKind,
    pub index: u32,
}

impl<'a> Component<'a> {
    /// The export of an instantiated module that the core function is.
    pub fn core_func(&self, index: u32) -> Result<(u32, &'a str)> {
        match &self.core_funcs[index as usize] {
            CoreFunc::Canon(_) => Err(Error::Unsupported(
                "a built-in of the canonical ABI is given back to it, as a realloc or callback"
                    .to_owned(),
            )),
            CoreFunc::Alias(instance, name) => {
                self.core_export(ExternalKind::Func, *instance, name)
            }
        }
    }

    /// The export of an instantiated module that a memory, table, global or tag is.
    pub fn core_item(&self, kind: ExternalKind, index: u32) -> Result<(u32, &'a str)> {
        let space = self.core_items.space(kind);
        let item = space.and_then(|space| space.get(index as usize));
        let (instance, name) = item.ok_or_else(|| Error::internal("an index is out of bounds"))?;
        self.core_export(kind, *instance, name)
    }

    /// Follows an export through instances that only collect others' exports.
    fn core_export(
        &self,
        kind: ExternalKind,
        instance: u32,
        name: &'a str,
    ) -> Result<(u32, &'a str)> {
        let exports = match &self.core_instances[instance as usize] {
            CoreInstance::Instantiate { .. } => return Ok((instance, name)),
            CoreInstance::Exports(exports) => exports,
        };
        let export = exports.iter().find(|(export, ..)| *export == name);
        let (_, _, index) =
            export.ok_or_else(|| Error::internal(format!("nothing is called `{name}`")))?;
        match kind {
            ExternalKind::Func | ExternalKind::FuncExact => self.core_func(*index),
            kind => self.core_item(kind, *index),
        }
    }
}
