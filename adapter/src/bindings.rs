//! What `generate!` makes of the world, and short names for the two versions of WASI in it.

#![allow(dead_code, reason = "much of WASI 0.2 has no use here")]

polyfill_guest::generate!({
    path: ["../wit/wasi/0.3", "wit"],
    world: "isyswasfa:adapter/adapter",
    generate_all,
    pub_export_macro: true,
});

/// What is imported.
pub mod p2 {
    pub use super::wasi::cli0_2_0 as cli;
    pub use super::wasi::clocks0_2_0 as clocks;
    pub use super::wasi::filesystem0_2_0 as filesystem;
    pub use super::wasi::io;
    pub use super::wasi::random0_2_0 as random;
    pub use super::wasi::sockets0_2_0 as sockets;
}

/// What is exported.
pub mod p3 {
    pub use super::exports::wasi::cli0_3_2 as cli;
    pub use super::exports::wasi::clocks0_3_2 as clocks;
    pub use super::exports::wasi::filesystem0_3_2 as filesystem;
    pub use super::exports::wasi::random0_3_2 as random;
    pub use super::exports::wasi::sockets0_3_2 as sockets;
}
