//! The pollables of WASI 0.2 that components await.

use crate::abi::raw;
use crate::memory::Memory;
use crate::state::Waiter;
use isyswasfa_core::List;

/// Those that are awaited, by their handles, which are ours.
pub struct Pollables(isyswasfa_core::Pollables<Waiter, u32>);

impl Pollables {
    pub const fn new() -> Self {
        Pollables(isyswasfa_core::Pollables::new())
    }

    pub fn insert(&mut self, waiter: Waiter, pollable: u32) -> u32 {
        self.0.insert(waiter, pollable)
    }

    /// The handle of a pollable that nobody awaits any more.
    pub fn remove(&mut self, place: u32) -> Option<u32> {
        self.0.remove(place)
    }

    /// Whether any is still awaited.
    pub fn any(&self) -> bool {
        self.0.any()
    }

    /// Blocks until some are ready: who awaits them.
    pub fn wait(&mut self) -> Vec<Waiter> {
        let (places, pollables): (Vec<u32>, Vec<u32>) = self
            .0
            .awaited()
            .map(|(place, pollable)| (place, *pollable))
            .unzip();
        let mut ready = List::default();
        // What is allocated for this call is the list that it answers.
        drop(Memory::of_call());
        // SAFETY: the handles are ours, and the result fits.
        unsafe { raw::poll(pollables.as_ptr(), pollables.len(), (&raw mut ready).cast()) };
        let _memory = Memory::of_call();
        let ready = (0..ready.len).filter_map(|at| {
            // SAFETY: the list has that many numbers.
            let index = unsafe { ready.ptr.cast::<u32>().add(at).read() };
            self.0.ready(places[index as usize])
        });
        ready.collect()
    }

    /// Who awaits those that are ready now.
    pub fn look(&mut self) -> Vec<Waiter> {
        if !self.any() {
            return Vec::new();
        }
        // SAFETY: the handles are ours.
        let is_ready = |pollable: u32| unsafe { raw::ready(pollable) != 0 };
        let awaited = self.0.awaited();
        let ready = awaited.filter(|(_, pollable)| is_ready(**pollable));
        let ready: Vec<u32> = ready.map(|(place, _)| place).collect();
        ready
            .into_iter()
            .filter_map(|place| self.0.ready(place))
            .collect()
    }
}
