//! Limits on one instance, in any ABI.

use crate::core;
use crate::http::FIELD_BYTES;
use wasmtime::{StoreLimits, StoreLimitsBuilder};

/// Limits on one instance. `None`: the default of wasmtime or of [`split::Limits`](crate::split::Limits), which `-S help` and
/// `-W help` list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of each linear memory.
    pub max_memory_size: Option<usize>,
    /// Elements of each table.
    pub max_table_elements: Option<usize>,
    /// Core instances.
    pub max_instances: Option<usize>,
    /// Tables.
    pub max_tables: Option<usize>,
    /// Linear memories.
    pub max_memories: Option<usize>,
    /// Whether growing beyond a limit traps, instead of failing in the guest.
    pub trap_on_grow_failure: bool,
    /// Bytes that the host holds for the guest, beside its linear memories.
    pub max_host_memory: Option<usize>,
    /// Bytes that one call of the host may pass.
    pub hostcall_fuel: Option<usize>,
    /// Resources that the host holds for the guest.
    pub max_resources: Option<usize>,
    /// Handles that the guest has: of resources, and natively of streams, futures and tasks too.
    pub max_handles: Option<usize>,
    /// Random bytes in one call.
    pub max_random_size: Option<u64>,
    /// Bytes of the headers or trailers of one message.
    pub max_http_fields_size: Option<usize>,
    /// Split ABI: component instances in one composition.
    pub max_components: Option<usize>,
    /// Split ABI: async functions that were called, of all components together.
    pub max_functions: Option<usize>,
    /// Split ABI: events that one component has not taken.
    pub max_events: Option<usize>,
    /// Split ABI: calls under way.
    pub max_tasks: Option<usize>,
    /// Split ABI: streams and futures, of each type.
    pub max_streams: Option<usize>,
    /// Split ABI: bytes that one write to a stream of bytes passes; the rest must be written again.
    pub max_write_size: Option<usize>,
}

impl Limits {
    /// Random bytes in one call, by default.
    pub const DEFAULT_RANDOM_SIZE: usize = 64 << 20;
    /// Handles that a guest may have, by default.
    pub const DEFAULT_HANDLES: usize = 100_000;
    /// Bytes of the headers or trailers of one message, by default.
    pub const DEFAULT_HTTP_FIELDS_SIZE: usize = FIELD_BYTES;

    /// The limits that a store checks.
    pub fn store_limits(&self) -> StoreLimits {
        let mut builder = StoreLimitsBuilder::new().trap_on_grow_failure(self.trap_on_grow_failure);
        if let Some(limit) = self.max_memory_size {
            builder = builder.memory_size(limit);
        }
        if let Some(limit) = self.max_table_elements {
            builder = builder.table_elements(limit);
        }
        if let Some(limit) = self.max_instances {
            builder = builder.instances(limit);
        }
        if let Some(limit) = self.max_tables {
            builder = builder.tables(limit);
        }
        if let Some(limit) = self.max_memories {
            builder = builder.memories(limit);
        }
        builder.build()
    }

    /// The limits of the split ABI.
    pub fn core_limits(&self) -> core::Limits {
        let default = core::Limits::default();
        core::Limits {
            components: self.max_components.unwrap_or(default.components),
            functions: self.max_functions.unwrap_or(default.functions),
            events: self.max_events.unwrap_or(default.events),
            tasks: self.max_tasks.unwrap_or(default.tasks),
            pipes: self.max_streams.unwrap_or(default.pipes),
            host_memory: self.max_host_memory.unwrap_or(default.host_memory),
            hostcall_fuel: self.hostcall_fuel,
            resources: self.max_resources.unwrap_or(default.resources),
            write_bytes: self.max_write_size.unwrap_or(default.write_bytes),
            max_run: default.max_run,
            deadlock: default.deadlock,
        }
    }
}
