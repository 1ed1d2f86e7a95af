//! WASI 0.3's WIT, for projects whose own WIT mentions it.

/// The files of `wit/deps`, by name.
pub const WASI: [(&str, &str); 6] = [
    (
        "cli.wit",
        include_str!("../../../../wit/wasi/0.3/deps/cli.wit"),
    ),
    (
        "clocks.wit",
        include_str!("../../../../wit/wasi/0.3/deps/clocks.wit"),
    ),
    (
        "filesystem.wit",
        include_str!("../../../../wit/wasi/0.3/deps/filesystem.wit"),
    ),
    (
        "http.wit",
        include_str!("../../../../wit/wasi/0.3/deps/http.wit"),
    ),
    (
        "random.wit",
        include_str!("../../../../wit/wasi/0.3/deps/random.wit"),
    ),
    (
        "sockets.wit",
        include_str!("../../../../wit/wasi/0.3/deps/sockets.wit"),
    ),
];
