//! The canonical options of a component's functions: one memory and one encoding of strings for all of them.

use crate::component::{Component, CoreFunc, Func, Lift};
use crate::error::{Error, Result};
use crate::plan::CoreExport;
use crate::usage::{self, used_functions};
use std::collections::HashMap;
use wasmparser::{CanonicalFunction, CanonicalOption, ExternalKind};

/// The canonical options of all functions together.
pub struct Options<'a> {
    /// The guest's memory; none: it has none.
    pub memory: Option<CoreExport<'a>>,
    pub reallocs: Vec<u32>,
    realloc_of: HashMap<CoreExport<'a>, usize>,
    pub encoding: Option<wit_component::StringEncoding>,
}

impl<'a> Options<'a> {
    /// `lifts`: the exported functions, as they are called in messages.
    pub fn collect(component: &'a Component<'a>, lifts: &[(String, Lift)]) -> Result<Options<'a>> {
        let mut all = Options {
            memory: None,
            reallocs: Vec::new(),
            realloc_of: HashMap::new(),
            encoding: None,
        };
        // Lifted functions first: their realloc is what most of the guest uses.
        for func in &component.funcs {
            if let Func::Lift(lift) = func {
                all.add(component, &lift.options)
                    .map_err(|error| of_lifted(error, lift, lifts))?;
            }
        }
        for index in used_functions(component) {
            let CoreFunc::Canon(canon) = &component.core_funcs[index as usize] else {
                continue;
            };
            let added = match canon {
                CanonicalFunction::Lower { options, .. }
                | CanonicalFunction::TaskReturn { options, .. }
                | CanonicalFunction::StreamRead { options, .. }
                | CanonicalFunction::StreamWrite { options, .. }
                | CanonicalFunction::FutureRead { options, .. }
                | CanonicalFunction::FutureWrite { options, .. } => all.add(component, options),
                CanonicalFunction::WaitableSetWait { memory }
                | CanonicalFunction::WaitableSetPoll { memory } => {
                    all.add_memory(component, *memory)
                }
                _ => Ok(()),
            };
            added.map_err(|error| usage::explain_options(error, component, index))?;
        }
        Ok(all)
    }

    fn add(&mut self, component: &'a Component<'a>, options: &[CanonicalOption]) -> Result<()> {
        use wit_component::StringEncoding as E;
        let mut encoding = |encoding: E, name: &str| match self.encoding {
            None => {
                self.encoding = Some(encoding);
                Ok(())
            }
            Some(other) if std::mem::discriminant(&other) == std::mem::discriminant(&encoding) => {
                Ok(())
            }
            Some(_) => Err(Error::Unsupported(format!(
                "the component has strings in {name} and in another encoding: only one is translated"
            ))),
        };
        for option in options {
            match option {
                // What says nothing means UTF-8, but has no strings; so only what is said counts.
                CanonicalOption::UTF8 => encoding(E::UTF8, "UTF-8")?,
                CanonicalOption::UTF16 => encoding(E::UTF16, "UTF-16")?,
                CanonicalOption::CompactUTF16 => encoding(E::CompactUTF16, "Latin-1 or UTF-16")?,
                _ => {}
            }
        }
        for option in options {
            match option {
                CanonicalOption::Memory(memory) => self.add_memory(component, *memory)?,
                CanonicalOption::Realloc(func) => {
                    let export = component.core_func(*func)?;
                    if !self.realloc_of.contains_key(&export) {
                        self.realloc_of.insert(export, self.reallocs.len());
                        self.reallocs.push(*func);
                    }
                }
                CanonicalOption::CoreType(_) | CanonicalOption::Gc => {
                    return Err(Error::Unsupported(
                        "the component uses the canonical ABI for garbage-collected values"
                            .to_owned(),
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn add_memory(&mut self, component: &'a Component<'a>, memory: u32) -> Result<()> {
        let memory = component.core_item(ExternalKind::Memory, memory)?;
        match self.memory {
            None => self.memory = Some(memory),
            Some(other) if other == memory => {}
            Some(_) => {
                return Err(Error::Unsupported(
                    "the component passes values in two memories: only one is translated"
                        .to_owned(),
                ));
            }
        }
        Ok(())
    }

    /// Which of the reallocs the options have.
    pub fn realloc(&self, component: &Component<'a>, options: &[CanonicalOption]) -> Result<usize> {
        for option in options {
            if let CanonicalOption::Realloc(func) = option {
                let export = component.core_func(*func)?;
                return Ok(self.realloc_of.get(&export).copied().unwrap_or(0));
            }
        }
        Ok(0)
    }
}

/// The error, with the name of the function that it is about.
fn of_lifted(error: Error, lift: &Lift, lifts: &[(String, Lift)]) -> Error {
    let name = lifts.iter().find_map(|(name, other)| {
        (other.core_func == lift.core_func && other.options == lift.options).then_some(name)
    });
    match (error, name) {
        (Error::Unsupported(what), Some(name)) => Error::Unsupported(format!(
            "{what}: the exported function {name} has the other"
        )),
        (error, _) => error,
    }
}
