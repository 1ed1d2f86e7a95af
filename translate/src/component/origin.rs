//! Where a function of a component comes from: followed through aliases, exports and shells, which are nested components
//! that only give new names and types to what they are given.

use super::{Component, Func, Instance, Lift, Nested, read};
use crate::error::{Error, Result};
use wasmparser::ComponentExternalKind;

/// How deep shells may be in each other.
const MAX_DEPTH: usize = 100;

/// Where a function comes from.
#[derive(Clone)]
pub enum FuncOrigin<'a> {
    /// The function of this name in the interface of this name that the component imports; `None`: of the world itself.
    Import(Option<&'a str>, &'a str),
    /// A core function of the component.
    Lift(Lift),
}

/// What a name in an instance stands for.
enum Found<'a> {
    /// The index of an item of the component at hand.
    Here(u32),
    /// An export of an imported instance.
    Imported(&'a str, &'a str),
}

impl<'a> Component<'a> {
    /// Where the function `index` comes from.
    pub fn func_origin(&self, index: u32) -> Result<FuncOrigin<'a>> {
        match &self.funcs[index as usize] {
            Func::Import(name) => Ok(FuncOrigin::Import(None, name)),
            Func::Lift(lift) => Ok(FuncOrigin::Lift(lift.clone())),
            Func::Export(index) => self.func_origin(*index),
            Func::Alias(instance, name) => match self.export_of(*instance, name, 0)? {
                Found::Imported(interface, name) => Ok(FuncOrigin::Import(Some(interface), name)),
                Found::Here(index) => self.func_origin(index),
            },
        }
    }

    /// The functions that an exported instance consists of.
    pub fn functions_of(&self, instance: u32) -> Result<Vec<(&'a str, FuncOrigin<'a>)>> {
        match &self.instances[instance as usize] {
            Instance::Export(index) => self.functions_of(*index),
            Instance::Exports(exports) => exports
                .iter()
                .filter(|(_, kind, _)| *kind == ComponentExternalKind::Func)
                .map(|(name, _, index)| Ok((*name, self.func_origin(*index)?)))
                .collect(),
            Instance::Instantiate { component, .. } => {
                let mut functions = Vec::new();
                for export in &self.shell(*component)?.exports {
                    if export.kind != ComponentExternalKind::Func {
                        continue;
                    }
                    let origin = match self.export_of(instance, export.name, 0)? {
                        Found::Here(index) => self.func_origin(index)?,
                        Found::Imported(interface, name) => {
                            FuncOrigin::Import(Some(interface), name)
                        }
                    };
                    functions.push((export.name, origin));
                }
                Ok(functions)
            }
            Instance::Import(name) | Instance::Alias(_, name) => Err(Error::Unsupported(format!(
                "the instance `{name}` is exported as it was imported: it has no code to translate"
            ))),
        }
    }

    /// The nested component `index`, which must be a shell: without code.
    fn shell(&self, index: u32) -> Result<Component<'a>> {
        let Nested::Here(bytes) = self.components[index as usize] else {
            return Err(Error::Unsupported(
                "a nested component is imported, or an alias of an outer one".to_owned(),
            ));
        };
        let shell = read(bytes)?;
        if !shell.modules.is_empty() || !shell.core_instances.is_empty() {
            return Err(Error::Unsupported(
                "a nested component has code: only components with one level are translated"
                    .to_owned(),
            ));
        }
        Ok(shell)
    }

    /// What the export `name` of `instance` is, in this component.
    fn export_of(&self, instance: u32, name: &'a str, depth: usize) -> Result<Found<'a>> {
        if depth > MAX_DEPTH {
            return Err(Error::Unsupported(
                "components are nested too deeply".to_owned(),
            ));
        }
        match &self.instances[instance as usize] {
            Instance::Import(interface) => Ok(Found::Imported(interface, name)),
            Instance::Export(index) => self.export_of(*index, name, depth + 1),
            Instance::Exports(exports) => {
                let export = exports.iter().find(|(export, ..)| *export == name);
                let (.., index) = export.ok_or_else(|| missing(name))?;
                Ok(Found::Here(*index))
            }
            Instance::Instantiate { component, args } => {
                let shell = self.shell(*component)?;
                let export = shell.exports.iter().find(|export| export.name == name);
                let export = export.ok_or_else(|| missing(name))?;
                let argument = shell.argument(export.kind, export.index, depth + 1)?;
                match argument {
                    Argument::Item(argument) => {
                        let arg = args.iter().find(|(name, ..)| *name == argument);
                        let (.., index) = arg.ok_or_else(|| missing(argument))?;
                        Ok(Found::Here(*index))
                    }
                    Argument::Export(argument, name) => {
                        let arg = args.iter().find(|(name, ..)| *name == argument);
                        let (_, _, index) = arg.ok_or_else(|| missing(argument))?;
                        self.export_of(*index, name, depth + 1)
                    }
                }
            }
            Instance::Alias(outer, inner) => match self.export_of(*outer, inner, depth + 1)? {
                Found::Here(index) => self.export_of(index, name, depth + 1),
                Found::Imported(..) => Err(Error::Unsupported(
                    "an imported instance has instances".to_owned(),
                )),
            },
        }
    }

    /// In a shell: which of its imports the item is.
    fn argument(
        &self,
        kind: ComponentExternalKind,
        index: u32,
        depth: usize,
    ) -> Result<Argument<'a>> {
        match kind {
            ComponentExternalKind::Func => match &self.funcs[index as usize] {
                Func::Import(name) => Ok(Argument::Item(name)),
                Func::Export(index) => self.argument(kind, *index, depth),
                Func::Alias(instance, name) => match self.export_of(*instance, name, depth + 1)? {
                    Found::Imported(instance, name) => Ok(Argument::Export(instance, name)),
                    Found::Here(index) => self.argument(kind, index, depth + 1),
                },
                Func::Lift(_) => Err(Error::internal("a shell lifts a function")),
            },
            ComponentExternalKind::Instance => match &self.instances[index as usize] {
                Instance::Import(name) => Ok(Argument::Item(name)),
                Instance::Export(index) => self.argument(kind, *index, depth),
                _ => Err(Error::Unsupported(
                    "a nested component makes instances".to_owned(),
                )),
            },
            _ => Err(Error::Unsupported(
                "a nested component passes on components or modules".to_owned(),
            )),
        }
    }
}

/// What an export of a shell is.
enum Argument<'a> {
    /// Its import of this name.
    Item(&'a str),
    /// An export of an instance that it imports.
    Export(&'a str, &'a str),
}

fn missing(name: &str) -> Error {
    Error::internal(format!("nothing is called `{name}`"))
}
