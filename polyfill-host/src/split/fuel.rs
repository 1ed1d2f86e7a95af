//! Sets wasmtime's limit on the bytes of one call of the host to this host's own limit.

use wasmtime::Store;

use super::SplitView;

/// Lets one call of the host pass as many bytes as the host may hold for the store, if the limits have no other number.
///
/// With wasmtime's own default, 128 MiB, a larger value would trap with a message about fuel, even if the store's limit allows
/// it. Without any limit, a guest could make the host allocate more than it may hold, since values are lifted before they are
/// weighed. (Streams of bytes need no fuel: see [`ByteList`](crate::pipes).)
pub(crate) fn set_hostcall_fuel<T: SplitView>(store: &mut Store<T>) {
    let limits = store.data_mut().split().core.limits();
    let fuel = limits.hostcall_fuel.unwrap_or(limits.host_memory);
    store.set_hostcall_fuel(fuel);
}
