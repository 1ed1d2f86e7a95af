//! The keys of `-S`, `-W`, `-C` and `-O`, named as wasmtime names them where it has them.
//!
//! Each key must have its effect on guests of every ABI that it concerns, in `run` and in `serve`. `tests/tests/options` has a
//! test for each key, and fails for a key without one.

use super::super::suboptions::{Group, Key, Value};
use super::super::values::{self, size, switched, time};
use super::{For, Settings};
use crate::engine::OptLevel;
use crate::options::Limits;

const fn switch(
    name: &'static str,
    about: &'static str,
    default: fn(&Settings) -> String,
    set: fn(&mut Settings, bool),
) -> Key<Settings> {
    Key {
        name,
        value: Value::Switch(set),
        about,
        default,
    }
}

const fn other(
    name: &'static str,
    what: &'static str,
    about: &'static str,
    default: fn(&Settings) -> String,
    set: fn(&mut Settings, &str) -> Result<(), String>,
) -> Key<Settings> {
    Key {
        name,
        value: Value::Other(what, set),
        about,
        default,
    }
}

/// A number for a limit.
fn count(to: &mut Option<usize>, text: &str) -> Result<(), String> {
    *to = Some(values::count(text)?);
    Ok(())
}

/// A number of bytes for a limit.
fn bytes(to: &mut Option<usize>, text: &str) -> Result<(), String> {
    *to = Some(values::bytes(text)?);
    Ok(())
}

fn small(to: &mut u32, text: &str) -> Result<(), String> {
    *to = u32::try_from(values::count(text)?).map_err(|_| format!("`{text}` is too large"))?;
    Ok(())
}

fn none(_: &Settings) -> String {
    String::new()
}

/// `-S`: what guests may use.
pub(in super::super) const WASI: Group<Settings> = Group {
    flag: "-S",
    keys: &[
        switch(
            "http",
            "wasi:http, outgoing requests included (always on for serve)",
            |s| switched(s.guest.http),
            |s, on| s.guest.http = on,
        ),
        switch(
            "cli",
            "all of wasi:cli, filesystem and sockets, not only what wasi:http's worlds name",
            |s| switched(s.guest.cli),
            |s, on| s.guest.cli = on,
        ),
        switch(
            "p3",
            "WASI 0.3 interfaces",
            |s| switched(s.guest.p3),
            |s, on| s.guest.p3 = on,
        ),
        switch(
            "inherit-network",
            "sockets, with any address that --allow-outbound allows",
            |s| switched(s.guest.inherit_network),
            |s, on| s.guest.inherit_network = on,
        ),
        switch(
            "allow-ip-name-lookup",
            "looking up the addresses of host names",
            |s| switched(s.guest.ip_name_lookup),
            |s, on| s.guest.ip_name_lookup = on,
        ),
        switch(
            "tcp",
            "TCP, where sockets are allowed",
            |s| switched(s.guest.tcp),
            |s, on| s.guest.tcp = on,
        ),
        switch(
            "udp",
            "UDP, where sockets are allowed",
            |s| switched(s.guest.udp),
            |s, on| s.guest.udp = on,
        ),
        switch(
            "inherit-env",
            "the whole environment of this process",
            |s| switched(s.inherit_env),
            |s, on| s.inherit_env = on,
        ),
        switch(
            "inherit-stdin",
            "this process's stdin",
            |s| switched(s.guest.inherit_stdin),
            |s, on| s.guest.inherit_stdin = on,
        ),
        switch(
            "inherit-stdout",
            "y: stdout byte by byte, for a terminal too; n: to nowhere",
            Settings::default_output,
            |s, on| s.stdout = Some(on),
        ),
        switch(
            "inherit-stderr",
            "y: stderr byte by byte, for a terminal too; n: to nowhere",
            Settings::default_output,
            |s, on| s.stderr = Some(on),
        ),
        other(
            "cwd",
            "PATH",
            "the working directory that guests see",
            none,
            |s, text| {
                s.guest.cwd = Some(text.to_owned());
                Ok(())
            },
        ),
        other(
            "max-host-memory",
            "BYTES",
            "bytes that the host holds for one instance: headers, requests, values in streams and futures, calls, events, …",
            |s| size(s.core().host_memory),
            |s, text| bytes(&mut s.guest.limits.max_host_memory, text),
        ),
        other(
            "hostcall-fuel",
            "BYTES",
            "bytes that one call of the host may pass",
            |s| size(s.core().host_memory),
            |s, text| bytes(&mut s.guest.limits.hostcall_fuel, text),
        ),
        other(
            "max-resources",
            "N",
            "resources that the host holds for one instance",
            |s| s.core().resources.to_string(),
            |s, text| count(&mut s.guest.limits.max_resources, text),
        ),
        other(
            "max-handles",
            "N",
            "handles that one instance has; in native components of streams, futures and tasks too",
            |_| Limits::DEFAULT_HANDLES.to_string(),
            |s, text| count(&mut s.guest.limits.max_handles, text),
        ),
        other(
            "max-random-size",
            "BYTES",
            "random bytes in one call",
            |_| size(Limits::DEFAULT_RANDOM_SIZE),
            |s, text| {
                s.guest.limits.max_random_size = Some(values::bytes(text)? as u64);
                Ok(())
            },
        ),
        other(
            "max-http-fields-size",
            "BYTES",
            "headers or trailers of one message",
            |_| size(Limits::DEFAULT_HTTP_FIELDS_SIZE),
            |s, text| bytes(&mut s.guest.limits.max_http_fields_size, text),
        ),
        other(
            "max-components",
            "N",
            "split components: component instances in one composition",
            |s| s.core().components.to_string(),
            |s, text| count(&mut s.guest.limits.max_components, text),
        ),
        other(
            "max-functions",
            "N",
            "split components: async functions that were called in one instance",
            |s| s.core().functions.to_string(),
            |s, text| count(&mut s.guest.limits.max_functions, text),
        ),
        other(
            "max-events",
            "N",
            "split components: events that one component has not taken",
            |s| s.core().events.to_string(),
            |s, text| count(&mut s.guest.limits.max_events, text),
        ),
        other(
            "max-tasks",
            "N",
            "split components: calls under way in one instance",
            |s| s.core().tasks.to_string(),
            |s, text| count(&mut s.guest.limits.max_tasks, text),
        ),
        other(
            "max-streams",
            "N",
            "split components: streams and futures of one type in one instance",
            |s| s.core().pipes.to_string(),
            |s, text| count(&mut s.guest.limits.max_streams, text),
        ),
        other(
            "max-write-size",
            "BYTES",
            "split components: bytes that are taken of one write; the rest is written again",
            |s| size(s.core().write_bytes),
            |s, text| bytes(&mut s.guest.limits.max_write_size, text),
        ),
    ],
};

/// `-W`: limits on guests.
pub(in super::super) const WASM: Group<Settings> = Group {
    flag: "-W",
    keys: &[
        other(
            "timeout",
            "DURATION",
            "how long a guest may take: to answer a request (as --request-timeout), or to run",
            |s| s.default_timeout().map_or("none".to_owned(), time),
            |s, text| {
                s.timeout = Some(values::timeout(text)?);
                Ok(())
            },
        ),
        other(
            "max-memory-size",
            "BYTES",
            "each linear memory",
            |_| size(4 << 30),
            |s, text| bytes(&mut s.guest.limits.max_memory_size, text),
        ),
        other(
            "max-table-elements",
            "N",
            "elements of each table",
            |s| {
                if s.is_pooled() {
                    s.engine.table_elements().to_string()
                } else {
                    "none".to_owned()
                }
            },
            |s, text| {
                let elements = values::count(text)?;
                s.guest.limits.max_table_elements = Some(elements);
                s.engine.max_table_elements = Some(elements);
                Ok(())
            },
        ),
        other(
            "max-instances",
            "N",
            "core instances of one guest",
            |_| wasmtime::DEFAULT_INSTANCE_LIMIT.to_string(),
            |s, text| count(&mut s.guest.limits.max_instances, text),
        ),
        other(
            "max-tables",
            "N",
            "tables of one guest",
            |_| wasmtime::DEFAULT_TABLE_LIMIT.to_string(),
            |s, text| count(&mut s.guest.limits.max_tables, text),
        ),
        other(
            "max-memories",
            "N",
            "linear memories of one guest",
            |_| wasmtime::DEFAULT_MEMORY_LIMIT.to_string(),
            |s, text| count(&mut s.guest.limits.max_memories, text),
        ),
        switch(
            "trap-on-grow-failure",
            "trap when a memory or table cannot grow, instead of telling the guest",
            |s| switched(s.guest.limits.trap_on_grow_failure),
            |s, on| s.guest.limits.trap_on_grow_failure = on,
        ),
        other(
            "max-wasm-stack",
            "BYTES",
            "stack for wasm code",
            |_| size(512 << 10),
            |s, text| bytes(&mut s.engine.max_wasm_stack, text),
        ),
        other(
            "async-stack-size",
            "BYTES",
            "stack for a suspended call, wasm and host together",
            |_| size(2 << 20),
            |s, text| bytes(&mut s.engine.async_stack_size, text),
        ),
    ],
};

/// `-C`: how components are compiled.
pub(in super::super) const CODEGEN: Group<Settings> = Group {
    flag: "-C",
    keys: &[
        switch(
            "cache",
            "keep compiled components on disk",
            |s| switched(s.engine.cache),
            |s, on| s.engine.cache = on,
        ),
        other(
            "cache-config",
            "FILE",
            "the cache's configuration (TOML)",
            none,
            |s, text| {
                s.engine.cache_config = Some(text.into());
                Ok(())
            },
        ),
        switch(
            "parallel-compilation",
            "compile on all cores",
            |s| switched(s.engine.parallel_compilation),
            |s, on| s.engine.parallel_compilation = on,
        ),
    ],
};

/// `-O`: what makes guests fast.
pub(in super::super) const OPTIMIZE: Group<Settings> = Group {
    flag: "-O",
    keys: &[
        other(
            "opt-level",
            "0|1|2|s",
            "how much to optimize",
            |_| "2".to_owned(),
            |s, text| {
                s.engine.opt_level = Some(match text {
                    "0" => OptLevel::None,
                    "1" | "2" => OptLevel::Speed,
                    "s" => OptLevel::SpeedAndSize,
                    _ => return Err(format!("`{text}` is none of `0`, `1`, `2` and `s`")),
                });
                Ok(())
            },
        ),
        switch(
            "pooling-allocator",
            "reserve room for instances beforehand",
            |s| {
                if s.is_pooled() {
                    "if the system gives the address space".to_owned()
                } else {
                    switched(false)
                }
            },
            |s, on| s.engine.pooling_allocator = Some(on),
        ),
        other(
            "pooling-total-component-instances",
            "N",
            "component instances at once, with the pooling allocator",
            |s| s.engine.pooling_total_component_instances.to_string(),
            |s, text| small(&mut s.engine.pooling_total_component_instances, text),
        ),
        other(
            "pooling-total-memories",
            "N",
            "linear memories at once, with the pooling allocator",
            |s| s.engine.pooling_total_memories.to_string(),
            |s, text| small(&mut s.engine.pooling_total_memories, text),
        ),
        other(
            "pooling-memory-keep-resident",
            "BYTES",
            "of each memory, stay resident when its instance has gone, with the pooling allocator",
            |s| size(s.engine.pooling_memory_keep_resident),
            |s, text| {
                s.engine.pooling_memory_keep_resident = values::bytes(text)?;
                Ok(())
            },
        ),
    ],
};

impl Settings {
    /// Whether instances come from a pool by default.
    fn is_pooled(&self) -> bool {
        self.command == For::Serve
    }
}
