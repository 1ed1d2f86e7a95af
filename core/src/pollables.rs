//! `isyswasfa:core/pollables`: the pollables of WASI 0.2 that guests await.

use slab::Slab;

/// The pollables that are awaited: whose they are (`W`), and their handles (`H`).
#[derive(Debug)]
pub struct Pollables<W, H> {
    slab: Slab<Awaited<W, H>>,
    /// How many of them have not been ready yet.
    unready: usize,
}

#[derive(Debug)]
struct Awaited<W, H> {
    waiter: W,
    handle: H,
    ready: bool,
}

impl<W, H> Default for Pollables<W, H> {
    fn default() -> Self {
        Pollables::new()
    }
}

impl<W, H> Pollables<W, H> {
    /// None yet.
    pub const fn new() -> Self {
        Pollables {
            slab: Slab::new(),
            unready: 0,
        }
    }

    /// One more: its place.
    pub fn insert(&mut self, waiter: W, handle: H) -> u32 {
        self.unready += 1;
        self.slab.insert(Awaited {
            waiter,
            handle,
            ready: false,
        }) as u32
    }

    /// The handle of a pollable that nobody awaits any more.
    pub fn remove(&mut self, place: u32) -> Option<H> {
        let awaited = self.slab.try_remove(place as usize)?;
        if !awaited.ready {
            self.unready -= 1;
        }
        Some(awaited.handle)
    }

    /// Whether any is still awaited.
    pub fn any(&self) -> bool {
        self.unready > 0
    }

    /// How many there are, ready or not.
    pub fn len(&self) -> usize {
        self.slab.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slab.is_empty()
    }

    /// How many bytes the table takes.
    pub fn weight(&self) -> usize {
        self.slab.capacity() * size_of::<Awaited<W, H>>()
    }

    /// Those that have not been ready: their places and handles.
    pub fn awaited(&self) -> impl Iterator<Item = (u32, &H)> {
        self.slab
            .iter()
            .filter(|(_, awaited)| !awaited.ready)
            .map(|(place, awaited)| (place as u32, &awaited.handle))
    }
}

impl<W: Clone, H> Pollables<W, H> {
    /// The pollable at this place is ready: who is told. `None`: nobody, or not again.
    pub fn ready(&mut self, place: u32) -> Option<W> {
        let awaited = self.slab.get_mut(place as usize)?;
        if core::mem::replace(&mut awaited.ready, true) {
            return None;
        }
        self.unready -= 1;
        Some(awaited.waiter.clone())
    }
}
