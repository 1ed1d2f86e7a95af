//! The pollables of WASI 0.2 that components await.

use crate::abi::{List, raw};
use crate::memory::Memory;
use crate::state::Waiter;
use slab::Slab;

pub struct Pollables {
    slab: Slab<Entry>,
    /// How many of them have not been ready yet.
    unready: usize,
}

struct Entry {
    waiter: Waiter,
    /// The handle, which is ours.
    pollable: u32,
    ready: bool,
}

impl Pollables {
    pub const fn new() -> Self {
        Pollables {
            slab: Slab::new(),
            unready: 0,
        }
    }

    pub fn insert(&mut self, waiter: Waiter, pollable: u32) -> u32 {
        self.unready += 1;
        self.slab.insert(Entry {
            waiter,
            pollable,
            ready: false,
        }) as u32
    }

    /// The handle of a pollable that nobody awaits any more.
    pub fn remove(&mut self, index: u32) -> Option<u32> {
        let entry = self.slab.try_remove(index as usize)?;
        if !entry.ready {
            self.unready -= 1;
        }
        Some(entry.pollable)
    }

    /// Whether any is still awaited.
    pub fn any(&self) -> bool {
        self.unready > 0
    }

    /// Blocks until some are ready: who awaits them.
    pub fn wait(&mut self) -> Vec<Waiter> {
        let awaited = self.slab.iter().filter(|(_, entry)| !entry.ready);
        let (places, pollables): (Vec<usize>, Vec<u32>) =
            awaited.map(|(at, entry)| (at, entry.pollable)).unzip();
        let mut ready = List {
            ptr: std::ptr::null_mut(),
            len: 0,
        };
        // What is allocated for this call is the list that it answers.
        drop(Memory::of_call());
        // SAFETY: the handles are ours, and the result fits.
        unsafe { raw::poll(pollables.as_ptr(), pollables.len(), (&raw mut ready).cast()) };
        let _memory = Memory::of_call();
        let ready = (0..ready.len).map(|at| {
            // SAFETY: the list has that many numbers.
            let index = unsafe { ready.ptr.cast::<u32>().add(at).read() };
            self.slab[places[index as usize]].become_ready()
        });
        let ready: Vec<_> = ready.collect();
        self.unready -= ready.len();
        ready
    }

    /// Who awaits those that are ready now.
    pub fn look(&mut self) -> Vec<Waiter> {
        let mut ready = Vec::new();
        if self.any() {
            for (_, entry) in &mut self.slab {
                // SAFETY: the handle is ours.
                if !entry.ready && unsafe { raw::ready(entry.pollable) } != 0 {
                    ready.push(entry.become_ready());
                }
            }
            self.unready -= ready.len();
        }
        ready
    }
}

impl Entry {
    fn become_ready(&mut self) -> Waiter {
        self.ready = true;
        self.waiter
    }
}
