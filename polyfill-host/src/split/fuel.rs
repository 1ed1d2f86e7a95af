//! wasmtime's limit for what one call of a guest brings into the host, set to what this host allows anyway.

use wasmtime::Store;

use super::SplitView;

/// Lets one call of the host bring as many bytes as all pipes of the store may hold together.
///
/// wasmtime's own default, 128 MiB, is less: a value that the pipes have room for would trap with a message about fuel. No limit at
/// all would let a guest make the host allocate what no pipe has room for, since values are lifted before they are weighed.
/// (Streams of bytes need none of it: see [`ByteList`](crate::pipes).)
pub(crate) fn set_hostcall_fuel<T: SplitView>(store: &mut Store<T>) {
    let fuel = store.data_mut().split().core.limits().pipe_bytes;
    store.set_hostcall_fuel(fuel);
}
