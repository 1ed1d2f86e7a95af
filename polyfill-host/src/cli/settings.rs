//! The options behind `-S`, `-W`, `-C` and `-O`, named as wasmtime names them.

use super::suboptions::{Group, Key, Value};
use super::values;
use polyfill_host::engine::{EngineOptions, OptLevel};
use polyfill_host::options::{GuestOptions, Output};
use std::time::Duration;

/// What these options set.
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) guest: GuestOptions,
    pub(super) engine: EngineOptions,
    /// `-S inherit-env`.
    pub(super) inherit_env: bool,
    /// `-S inherit-stdout` and `-S inherit-stderr`, if given.
    pub(super) stdout: Option<bool>,
    pub(super) stderr: Option<bool>,
    /// `-W timeout`, if given.
    pub(super) timeout: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            guest: GuestOptions::default(),
            engine: EngineOptions {
                cache: true,
                ..EngineOptions::default()
            },
            inherit_env: false,
            stdout: None,
            stderr: None,
            timeout: None,
        }
    }
}

impl Settings {
    /// Where a guest's output goes: in lines, unless `-S inherit-…` says otherwise.
    pub(super) fn output(inherit: Option<bool>, prefix: bool) -> Output {
        match inherit {
            None => Output::Lines { prefix },
            Some(true) => Output::Inherit,
            Some(false) => Output::Discard,
        }
    }
}

const fn switch(
    name: &'static str,
    about: &'static str,
    set: fn(&mut Settings, bool),
) -> Key<Settings> {
    Key {
        name,
        value: Value::Switch(set),
        about,
    }
}

const fn other(
    name: &'static str,
    what: &'static str,
    about: &'static str,
    set: fn(&mut Settings, &str) -> Result<(), String>,
) -> Key<Settings> {
    Key {
        name,
        value: Value::Other(what, set),
        about,
    }
}

/// `-S`: what guests may use.
pub(super) const WASI: Group<Settings> = Group {
    flag: "-S",
    keys: &[
        switch(
            "http",
            "wasi:http, outgoing requests included (always on for serve)",
            |s, on| s.guest.http = on,
        ),
        switch(
            "cli",
            "all of wasi:cli, filesystem and sockets, not only what wasi:http's worlds name (default: y)",
            |s, on| s.guest.cli = on,
        ),
        switch("p3", "WASI 0.3 interfaces (default: y)", |s, on| {
            s.guest.p3 = on;
        }),
        switch(
            "inherit-network",
            "sockets, with any address that --allow-outbound allows (default: n)",
            |s, on| s.guest.inherit_network = on,
        ),
        switch(
            "allow-ip-name-lookup",
            "looking up the addresses of host names (default: n)",
            |s, on| s.guest.ip_name_lookup = on,
        ),
        switch(
            "tcp",
            "TCP, where sockets are allowed (default: y)",
            |s, on| {
                s.guest.tcp = on;
            },
        ),
        switch(
            "udp",
            "UDP, where sockets are allowed (default: y)",
            |s, on| {
                s.guest.udp = on;
            },
        ),
        switch(
            "inherit-env",
            "the whole environment of this process (default: n)",
            |s, on| s.inherit_env = on,
        ),
        switch(
            "inherit-stdin",
            "this process's stdin (default: n)",
            |s, on| {
                s.guest.inherit_stdin = on;
            },
        ),
        switch(
            "inherit-stdout",
            "y: stdout byte by byte; n: to nowhere (default: in lines with a prefix)",
            |s, on| s.stdout = Some(on),
        ),
        switch(
            "inherit-stderr",
            "y: stderr byte by byte; n: to nowhere (default: in lines with a prefix)",
            |s, on| s.stderr = Some(on),
        ),
        other(
            "cwd",
            "PATH",
            "the working directory that guests are told of",
            |s, text| {
                s.guest.cwd = Some(text.to_owned());
                Ok(())
            },
        ),
        other(
            "max-resources",
            "N",
            "resources that the host holds for one instance",
            |s, text| {
                s.guest.limits.max_resources = Some(values::count(text)?);
                Ok(())
            },
        ),
        other(
            "max-random-size",
            "BYTES",
            "random bytes in one call (default: 64M)",
            |s, text| {
                s.guest.limits.max_random_size = Some(values::bytes(text)? as u64);
                Ok(())
            },
        ),
        other(
            "max-http-fields-size",
            "BYTES",
            "headers or trailers of one message (default: 128k)",
            |s, text| {
                s.guest.limits.max_http_fields_size = Some(values::bytes(text)?);
                Ok(())
            },
        ),
    ],
};

/// `-W`: limits on guests.
pub(super) const WASM: Group<Settings> = Group {
    flag: "-W",
    keys: &[
        other(
            "timeout",
            "DURATION",
            "how long a guest may take to answer: see --request-timeout",
            |s, text| {
                s.timeout = Some(values::timeout(text)?);
                Ok(())
            },
        ),
        other(
            "max-memory-size",
            "BYTES",
            "each linear memory (default: 4G)",
            |s, text| {
                s.guest.limits.max_memory_size = Some(values::bytes(text)?);
                Ok(())
            },
        ),
        other(
            "max-table-elements",
            "N",
            "elements of each table",
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
            |s, text| {
                s.guest.limits.max_instances = Some(values::count(text)?);
                Ok(())
            },
        ),
        other("max-tables", "N", "tables of one guest", |s, text| {
            s.guest.limits.max_tables = Some(values::count(text)?);
            Ok(())
        }),
        other(
            "max-memories",
            "N",
            "linear memories of one guest",
            |s, text| {
                s.guest.limits.max_memories = Some(values::count(text)?);
                Ok(())
            },
        ),
        switch(
            "trap-on-grow-failure",
            "trap when a memory or table cannot grow, instead of telling the guest (default: n)",
            |s, on| s.guest.limits.trap_on_grow_failure = on,
        ),
        other(
            "max-wasm-stack",
            "BYTES",
            "stack for wasm code (default: 512k)",
            |s, text| {
                s.engine.max_wasm_stack = Some(values::bytes(text)?);
                Ok(())
            },
        ),
        other(
            "async-stack-size",
            "BYTES",
            "stack for a suspended call, wasm and host together (default: 2M)",
            |s, text| {
                s.engine.async_stack_size = Some(values::bytes(text)?);
                Ok(())
            },
        ),
    ],
};

/// `-C`: how components are compiled.
pub(super) const CODEGEN: Group<Settings> = Group {
    flag: "-C",
    keys: &[
        switch(
            "cache",
            "keep compiled components on disk (default: y)",
            |s, on| {
                s.engine.cache = on;
            },
        ),
        other(
            "cache-config",
            "FILE",
            "the cache's configuration (TOML)",
            |s, text| {
                s.engine.cache_config = Some(text.into());
                Ok(())
            },
        ),
        switch(
            "parallel-compilation",
            "compile on all cores (default: y)",
            |s, on| {
                s.engine.parallel_compilation = on;
            },
        ),
    ],
};

/// `-O`: what makes guests fast.
pub(super) const OPTIMIZE: Group<Settings> = Group {
    flag: "-O",
    keys: &[
        other(
            "opt-level",
            "0|1|2|s",
            "how much to optimize (default: 2)",
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
            "reserve room for instances beforehand (default: if the system allows it)",
            |s, on| s.engine.pooling_allocator = Some(on),
        ),
        other(
            "pooling-total-component-instances",
            "N",
            "component instances at once (default: 1000)",
            |s, text| {
                s.engine.pooling_total_component_instances = small(text)?;
                Ok(())
            },
        ),
        other(
            "pooling-total-memories",
            "N",
            "linear memories at once (default: 1000)",
            |s, text| {
                s.engine.pooling_total_memories = small(text)?;
                Ok(())
            },
        ),
        other(
            "pooling-memory-keep-resident",
            "BYTES",
            "of each memory, stay resident when its instance has gone (default: 128k)",
            |s, text| {
                s.engine.pooling_memory_keep_resident = values::bytes(text)?;
                Ok(())
            },
        ),
    ],
};

fn small(text: &str) -> Result<u32, String> {
    u32::try_from(values::count(text)?).map_err(|_| format!("`{text}` is too large"))
}
