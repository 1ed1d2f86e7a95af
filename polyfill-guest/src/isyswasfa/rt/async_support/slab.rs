//! Numbered slots that are reused. Each number has a generation, so that a stale number finds nothing.

/// The bits of a number that are the slot. The next ten are the generation.
///
/// The number stays below 2^30, as the core requires of tokens and task keys.
const INDEX_BITS: u32 = 20;
const GENERATIONS: u32 = 1 << 10;

/// Values under numbers below 2^30.
pub struct Slab<T> {
    slots: Vec<Slot<T>>,
    free: Vec<u32>,
}

struct Slot<T> {
    generation: u32,
    value: Option<T>,
}

impl<T> Slab<T> {
    pub const fn new() -> Self {
        Slab {
            slots: Vec::new(),
            free: Vec::new(),
        }
    }

    /// Puts `value` into a free slot and returns its number.
    pub fn insert(&mut self, value: T) -> u32 {
        if let Some(index) = self.free.pop() {
            let slot = &mut self.slots[index as usize];
            slot.value = Some(value);
            return index | slot.generation << INDEX_BITS;
        }
        let index = self.slots.len() as u32;
        assert!(
            index < 1 << INDEX_BITS,
            "more than a million tasks or waits at once"
        );
        self.slots.push(Slot {
            generation: 0,
            value: Some(value),
        });
        index
    }

    /// The value under `number`, unless it has been removed since.
    pub fn get_mut(&mut self, number: u32) -> Option<&mut T> {
        let slot = self.slots.get_mut(index(number))?;
        if slot.generation != number >> INDEX_BITS {
            return None;
        }
        slot.value.as_mut()
    }

    /// Takes the value out. Its number finds nothing from now on.
    pub fn remove(&mut self, number: u32) -> Option<T> {
        let slot = self.slots.get_mut(index(number))?;
        if slot.generation != number >> INDEX_BITS {
            return None;
        }
        let value = slot.value.take()?;
        slot.generation = (slot.generation + 1) % GENERATIONS;
        self.free.push(index(number) as u32);
        Some(value)
    }

    /// All values.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.slots.iter().filter_map(|slot| slot.value.as_ref())
    }

    /// How many values there are.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}

fn index(number: u32) -> usize {
    (number & ((1 << INDEX_BITS) - 1)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_number_finds_nothing_even_when_its_slot_is_reused() {
        let mut slab = Slab::new();
        let first = slab.insert("first");
        assert_eq!(slab.remove(first), Some("first"));
        let second = slab.insert("second");
        assert_eq!(slab.get_mut(first), None);
        assert_eq!(slab.remove(first), None);
        assert_eq!(slab.get_mut(second), Some(&mut "second"));
        assert_eq!(slab.len(), 1);
    }

    #[test]
    fn numbers_stay_below_two_to_the_thirty() {
        let mut slab = Slab::new();
        for _ in 0..3000 {
            let number = slab.insert(());
            assert!(number < 1 << 30);
            slab.remove(number);
        }
    }
}
