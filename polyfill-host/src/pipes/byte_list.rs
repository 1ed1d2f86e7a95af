//! `list<u8>` as it crosses to and from guests. Only the front of a guest's list is copied, as much as one write may offer.

use std::mem::MaybeUninit;

use wasmtime::component::__internal::{
    CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext, LowerContext,
};
use wasmtime::component::{ComponentType, Lift, Lower};
use wasmtime::{Result, ValRaw, bail};

/// The bytes of a list; at most the first [`MOST`] if a guest passes it.
///
/// A guest that writes 200 MiB offers all of them in each call, and offers the rest again after each part that was taken. So
/// the host must not copy the bytes that it will not take, nor count them against wasmtime's fuel for calls of the host.
#[derive(Debug, Default)]
pub struct ByteList(pub Vec<u8>);

/// How many bytes of a guest's list are copied.
pub(crate) const MOST: usize = 1 << 20;

impl ByteList {
    /// The front of the `len` bytes at `ptr`.
    fn front(memory: &[u8], ptr: u32, len: u32) -> Result<Self> {
        let Some(bytes) = memory
            .get(ptr as usize..)
            .and_then(|memory| memory.get(..len as usize))
        else {
            bail!("list pointer/length out of bounds of memory");
        };
        Ok(ByteList(bytes[..bytes.len().min(MOST)].to_vec()))
    }
}

// SAFETY: the type and the lowered form are those of `[u8]`.
unsafe impl ComponentType for ByteList {
    type Lower = <[u8] as ComponentType>::Lower;
    const ABI: CanonicalAbiInfo = CanonicalAbiInfo::POINTER_PAIR;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        <[u8] as ComponentType>::typecheck(ty, types)
    }
}

// SAFETY: a list is its address and its length, flat or in memory; both are checked.
unsafe impl Lift for ByteList {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        _: InterfaceType,
        [ptr, len]: &[ValRaw; 2],
    ) -> Result<Self> {
        ByteList::front(cx.memory(), ptr.get_u32(), len.get_u32())
    }

    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        _: InterfaceType,
        bytes: &[u8],
    ) -> Result<Self> {
        let (ptr, len) = bytes.split_at(size_of::<u32>());
        let word = |bytes: &[u8]| -> Result<u32> { Ok(u32::from_le_bytes(bytes.try_into()?)) };
        ByteList::front(cx.memory(), word(ptr)?, word(len)?)
    }
}

// SAFETY: as `[u8]` does it.
unsafe impl Lower for ByteList {
    fn linear_lower_to_flat<U>(
        &self,
        cx: &mut LowerContext<'_, U>,
        ty: InterfaceType,
        dst: &mut MaybeUninit<Self::Lower>,
    ) -> Result<()> {
        self.0.as_slice().linear_lower_to_flat(cx, ty, dst)
    }

    fn linear_lower_to_memory<U>(
        &self,
        cx: &mut LowerContext<'_, U>,
        ty: InterfaceType,
        offset: usize,
    ) -> Result<()> {
        self.0.as_slice().linear_lower_to_memory(cx, ty, offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_front_is_copied() {
        let mut memory = vec![1; MOST + 100];
        memory[3] = 7;
        let list = ByteList::front(&memory, 3, MOST as u32 + 50).unwrap();
        assert_eq!((list.0.len(), list.0[0], list.0[1]), (MOST, 7, 1));
        assert_eq!(ByteList::front(&memory, 3, 2).unwrap().0, [7, 1]);
        assert!(ByteList::front(&memory, 0, 0).unwrap().0.is_empty());
    }

    #[test]
    fn what_lies_outside_of_the_memory_traps() {
        let memory = vec![1; 10];
        for (ptr, len) in [(11, 0), (5, 6), (u32::MAX, 1), (1, u32::MAX)] {
            let error = ByteList::front(&memory, ptr, len).unwrap_err();
            assert!(error.to_string().contains("out of bounds"), "{error}");
        }
        assert!(ByteList::front(&memory, 10, 0).is_ok());
    }
}
