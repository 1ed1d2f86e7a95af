//! `isyswasfa:core/bytes`: pipes of bytes.

use bytes::Bytes;
use wasmtime::component::{Linker, Resource};
use wasmtime::{Result, StoreContextMut};

use super::byte_list::ByteList;
use super::chunk::Chunk;
use super::link::{Names, Reader, add_pipe};
use super::payload::Payload;
use super::table::Pipes;
use super::tables::Piped;
use crate::core::{Core, View, called};

/// The payload of `stream<u8>`.
pub struct BytesPipe;

impl<C: Piped> Payload<C> for BytesPipe {
    type Wire = ByteList;
    type Items = Chunk;

    fn table(ctx: &mut C) -> (&mut Core, &mut Pipes<Chunk>) {
        let (core, pipes) = ctx.core_and_pipes();
        (core, &mut pipes.bytes)
    }

    fn lift(ctx: &mut C, ByteList(bytes): ByteList) -> Result<Chunk> {
        let core = ctx.core();
        let most = core.budget().bytes(core.limits().write_bytes);
        if bytes.len() > most {
            // A write may always be taken in part: the guest offers the rest again. The part is copied, since a slice would
            // keep all of the memory.
            return Ok(Chunk(Bytes::copy_from_slice(&bytes[..most])));
        }
        Ok(bytes.into())
    }

    fn lower(_ctx: &mut C, items: Chunk) -> Result<ByteList> {
        Ok(ByteList(items.0.into()))
    }
}

/// Defines `isyswasfa:core/bytes`.
///
/// # Errors
///
/// If it is defined already.
pub fn add_to_linker<T>(linker: &mut Linker<T>) -> Result<()>
where
    T: View<Ctx: Piped>,
{
    let mut bytes = linker.instance("isyswasfa:core/bytes@0.1.0")?;
    add_pipe::<T, BytesPipe>(&mut bytes, &Names::plain())?;
    bytes.func_wrap(
        "[method]reader.unread",
        |mut store: StoreContextMut<'_, T>,
         (reader, items): (Resource<Reader<BytesPipe>>, Vec<u8>)| {
            let (_, pipes) = called(&mut store).core_and_pipes();
            Ok((pipes.bytes.unread(reader.rep(), items.into())?,))
        },
    )
}
