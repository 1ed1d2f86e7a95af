//! wasmtime's limit for what one call of a guest brings into the host, set to what this host allows anyway.

use wasmtime::Store;

use super::SplitView;

/// Lets one call of the host bring as many bytes as the host may hold for the store, if the limits name no other number.
///
/// With wasmtime's own default, 128 MiB, a value that a larger limit has room for would trap with a message about fuel. No limit at
/// all would let a guest make the host allocate what there is no room for, since values are lifted before they are weighed.
/// (Streams of bytes need none of it: see [`ByteList`](crate::pipes).)
pub(crate) fn set_hostcall_fuel<T: SplitView>(store: &mut Store<T>) {
    let limits = store.data_mut().split().core.limits();
    let fuel = limits.hostcall_fuel.unwrap_or(limits.host_memory);
    store.set_hostcall_fuel(fuel);
}
