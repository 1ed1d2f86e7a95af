//! The exported functions that components make tasks of.

use wasmtime::{Result, bail};

use super::budget::{Budget, Share};
use super::components::ComponentIndex;
use crate::escape;

/// Longer names are cut: they are for people.
const MAX_NAME: usize = 256;

/// The functions of one store's components, by their numbers less one.
pub struct Functions {
    list: Vec<Function>,
    max: usize,
    share: Share,
}

struct Function {
    component: ComponentIndex,
    name: Box<str>,
}

impl Functions {
    pub fn new(max: usize, budget: &Budget) -> Self {
        Functions {
            list: Vec::new(),
            max,
            share: budget.share(),
        }
    }

    /// A number for a component's function.
    pub fn name(&mut self, component: ComponentIndex, name: &str) -> Result<u32> {
        if self.list.len() >= self.max {
            bail!(
                "more than {} functions (`-S max-functions=N` allows more)",
                self.max
            );
        }
        let end = name.floor_char_boundary(MAX_NAME);
        // It is shown in errors and in logs.
        let name: Box<str> = escape::text(&name[..end]).into();
        let weight = self.share.held() + name.len() + size_of::<Function>();
        self.list.push(Function { component, name });
        self.share.hold(weight, "the name of a function")?;
        Ok(self.list.len() as u32)
    }

    /// That `function` is a number of the component's.
    pub fn check(&self, component: ComponentIndex, function: u32) -> Result<()> {
        match self.get(function) {
            Some(found) if found.component == component => Ok(()),
            _ => bail!("{function} is not the number of a function of the component"),
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
