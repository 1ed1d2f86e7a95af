//! The interfaces of WASI 0.3 that are split. A component has of each interface only what it uses, from which it cannot be seen.

/// By package and interface: those that have anything async, a stream or a future, or that use such an interface.
const SPLIT: [&str; 12] = [
    "wasi:cli/run",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:http/client",
    "wasi:http/handler",
    "wasi:http/types",
    "wasi:sockets/ip-name-lookup",
    "wasi:sockets/types",
];

/// Whether the interface `name`, `wasi:http/types@0.3.2`, is one of WASI 0.3 that is split.
pub fn moves(name: &str) -> bool {
    name.split_once('@')
        .is_some_and(|(path, version)| version.starts_with("0.3.") && SPLIT.contains(&path))
}
