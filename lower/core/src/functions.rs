//! The exported functions that components make tasks of.

use crate::components::ComponentIndex;
use crate::trap::trap;

/// The functions of all components, by their numbers less one.
pub struct Functions {
    list: Vec<Function>,
}

struct Function {
    component: ComponentIndex,
    name: String,
}

impl Functions {
    pub const fn new() -> Self {
        Functions { list: Vec::new() }
    }

    /// A number for a component's function.
    pub fn name(&mut self, component: ComponentIndex, name: String) -> u32 {
        self.list.push(Function { component, name });
        self.list.len() as u32
    }

    /// That `function` is a number of the component's.
    pub fn check(&self, component: ComponentIndex, function: u32) {
        match self.get(function) {
            Some(found) if found.component == component => {}
            _ => trap("a task was made of a function that is not the component's"),
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
