//! The imports that other components provide: made known to the core on the first call, entered when they have events.

use crate::host::{core, late};
use crate::state::{key, state};
use alloc::vec::Vec;

pub struct Links {
    /// The polls that were entered, by their place in the glue's table.
    linked: Vec<u32>,
    /// The numbers of the components that provide imports, and their polls.
    children: Vec<(u32, u32)>,
    /// Imports that have events.
    pub waiting: Vec<u32>,
}

impl Links {
    pub const fn new() -> Self {
        Links {
            linked: Vec::new(),
            children: Vec::new(),
            waiting: Vec::new(),
        }
    }
}

/// Links the import whose poll is at `place` of the glue's table. The glue calls this before the first call of it only.
#[unsafe(export_name = "link")]
extern "C" fn link(place: u32) {
    let links = &mut state().links;
    if links.linked.contains(&place) {
        return;
    }
    links.linked.push(place);
    let number = late::call_0(place);
    if number == 0 {
        return;
    }
    core::link(key(), number);
    let children = &mut state().links.children;
    if children.iter().all(|(child, _)| *child != number) {
        children.push((number, place));
    }
}

/// Lets the tasks of the component `child` run.
pub fn enter(child: u32) {
    let children = &state().links.children;
    if let Some(&(_, place)) = children.iter().find(|(number, _)| *number == child) {
        late::call_0(place);
    }
}
