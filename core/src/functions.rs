//! The exported functions that components make tasks of.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::{ComponentIndex, Fault, Kind, Policy, escape};

/// Longer names are cut: they are for people.
const MAX_NAME: usize = 256;

/// The functions of all components, by their numbers less one.
pub(crate) struct Functions {
    list: Vec<Function>,
}

struct Function {
    component: ComponentIndex,
    name: Box<str>,
}

impl Functions {
    pub const fn new() -> Self {
        Functions { list: Vec::new() }
    }

    /// A number for a component's function.
    pub fn name<P: Policy>(
        &mut self,
        policy: &mut P,
        component: ComponentIndex,
        name: &str,
    ) -> Result<u32, P::Error> {
        policy.admit(Kind::Function, self.list.len())?;
        // It is shown in errors and in logs.
        let name: Box<str> = escape::line(name, MAX_NAME).into();
        policy.resized(Kind::Function, 0, name.len() + size_of::<Function>())?;
        self.list.push(Function { component, name });
        Ok(self.list.len() as u32)
    }

    /// That `function` is a number of the component's: its name.
    pub fn check(&self, component: ComponentIndex, function: u32) -> Result<&str, Fault> {
        match self.get(function) {
            Some(found) if found.component == component => Ok(&found.name),
            _ => Err(Fault::NotOwnFunction(function)),
        }
    }

    /// What people call it.
    pub fn display(&self, function: u32) -> &str {
        self.get(function)
            .map_or("an unknown function", |function| &function.name)
    }

    fn get(&self, function: u32) -> Option<&Function> {
        self.list.get((function as usize).checked_sub(1)?)
    }
}
