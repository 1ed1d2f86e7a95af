//! Memory in the guest for results that wait for their callers: from the guest's realloc in large pieces, which are kept, since
//! not every realloc can free.

use crate::host::late;
use crate::state::state;
use crate::trap;
use alloc::vec::Vec;

/// How much is asked for at once.
const CHUNK: u32 = 64 * 1024;
const SMALLEST: u32 = 16;
/// Powers of two from [`SMALLEST`].
const CLASSES: usize = 28;

pub struct Arena {
    free: [Vec<u32>; CLASSES],
    at: u32,
    end: u32,
    /// What is allocated until the next `region`.
    region: Vec<Block>,
}

/// A piece of the guest's memory.
#[derive(Clone, Copy)]
pub struct Block {
    address: u32,
    class: u8,
}

/// All that one result consists of; the first block is the result itself.
pub type Region = Vec<Block>;

impl Arena {
    pub const fn new() -> Self {
        Arena {
            free: [const { Vec::new() }; CLASSES],
            at: 0,
            end: 0,
            region: Vec::new(),
        }
    }
}

/// Memory that belongs to the region under way.
#[unsafe(export_name = "alloc")]
pub extern "C" fn alloc(size: u32) -> u32 {
    let block = take(size);
    state().arena.region.push(block);
    block.address
}

fn take(size: u32) -> Block {
    let size = size.max(SMALLEST);
    let Some(size) = size.checked_next_power_of_two() else {
        trap::out_of_memory()
    };
    let class = (size.trailing_zeros() - SMALLEST.trailing_zeros()) as usize;
    if class >= CLASSES {
        trap::out_of_memory()
    }
    let arena = &mut state().arena;
    let address = match arena.free[class].pop() {
        Some(address) => address,
        None if size >= CHUNK => grow(size),
        None => {
            if arena.end - arena.at < size {
                let at = grow(CHUNK);
                let arena = &mut state().arena;
                arena.at = at;
                arena.end = at + CHUNK;
            }
            let arena = &mut state().arena;
            let address = arena.at;
            arena.at += size;
            address
        }
    };
    Block {
        address,
        class: class as u8,
    }
}

fn grow(size: u32) -> u32 {
    match late::call_3(late::GROW, size, 0, 0) {
        0 => trap::out_of_memory(),
        address => address,
    }
}

/// The region under way is complete.
pub fn region() -> Region {
    core::mem::take(&mut state().arena.region)
}

/// Frees a region.
pub fn free(region: Region) {
    let arena = &mut state().arena;
    for block in &region {
        arena.free[usize::from(block.class)].push(block.address);
    }
    // Keeps the allocation.
    if arena.region.is_empty() && arena.region.capacity() < region.capacity() {
        let mut region = region;
        region.clear();
        arena.region = region;
    }
}

/// Where the result itself is.
pub fn address(region: &Region) -> u32 {
    region.first().map_or(0, |block| block.address)
}

/// Memory that is never freed: what the glue needs once.
#[unsafe(export_name = "keep")]
pub extern "C" fn keep(size: u32) -> u32 {
    take(size).address
}
