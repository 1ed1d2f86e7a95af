//! Values under small numbers, which are reused.

use alloc::vec::Vec;

/// Values under small numbers.
pub struct Slab<T> {
    slots: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T> Slab<T> {
    pub const fn new() -> Self {
        Slab {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Puts a value under the number that was freed last, or a new one.
    pub fn insert(&mut self, value: T) -> u32 {
        match self.free.pop() {
            Some(number) => {
                self.slots[number as usize] = Some(value);
                number
            }
            None => {
                self.slots.push(Some(value));
                self.slots.len() as u32 - 1
            }
        }
    }

    pub fn get(&mut self, number: u32) -> Option<&mut T> {
        self.slots.get_mut(number as usize)?.as_mut()
    }

    /// All numbers are below this.
    pub fn end(&self) -> u32 {
        self.slots.len() as u32
    }

    /// Takes a value out; its number is not reused before `release`.
    pub fn take(&mut self, number: u32) -> Option<T> {
        self.slots.get_mut(number as usize)?.take()
    }

    /// A number that `take` has emptied may be used again.
    pub fn release(&mut self, number: u32) {
        self.free.push(number);
    }

    pub fn remove(&mut self, number: u32) -> Option<T> {
        let value = self.take(number)?;
        self.release(number);
        Some(value)
    }
}
