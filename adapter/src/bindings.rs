//! What `generate!` makes of the part's world, and short names for the two versions of WASI in it.

#![allow(dead_code, unused_imports, reason = "much of WASI 0.2 has no use here")]

#[cfg(feature = "cli")]
polyfill_guest::generate!({
    wasi: ["0.2.0", "0.3"],
    path: "wit",
    world: "isyswasfa:adapter/cli",
    generate_all,
    pub_export_macro: true,
});

#[cfg(feature = "filesystem")]
polyfill_guest::generate!({
    wasi: ["0.2.0", "0.3"],
    path: "wit",
    world: "isyswasfa:adapter/filesystem",
    generate_all,
    pub_export_macro: true,
});

#[cfg(all(feature = "http", not(feature = "server")))]
polyfill_guest::generate!({
    wasi: ["0.2.0", "0.3"],
    path: "wit",
    world: "isyswasfa:adapter/http",
    generate_all,
    pub_export_macro: true,
});

#[cfg(feature = "server")]
polyfill_guest::generate!({
    wasi: ["0.2.0", "0.3"],
    path: "wit",
    world: "isyswasfa:adapter/http-server",
    generate_all,
    pub_export_macro: true,
});

#[cfg(feature = "sockets")]
polyfill_guest::generate!({
    wasi: ["0.2.0", "0.3"],
    path: "wit",
    world: "isyswasfa:adapter/sockets",
    generate_all,
    pub_export_macro: true,
});

/// What is imported.
pub mod p2 {
    #[cfg(any(feature = "cli", feature = "filesystem", feature = "sockets"))]
    pub use super::wasi::clocks0_2_0 as clocks;
    #[cfg(feature = "filesystem")]
    pub use super::wasi::filesystem0_2_0 as filesystem;
    #[cfg(feature = "http")]
    pub use super::wasi::http0_2_0 as http;
    pub use super::wasi::io;
    #[cfg(feature = "sockets")]
    pub use super::wasi::sockets0_2_0 as sockets;
    #[cfg(feature = "cli")]
    pub use super::wasi::{cli0_2_0 as cli, random0_2_0 as random};
}

/// What is exported for servers on 0.2.
#[cfg(feature = "http")]
pub use exports::isyswasfa::adapter::incoming;

/// What is exported.
pub mod p3 {
    pub use super::exports::wasi::clocks0_3_2 as clocks;
    #[cfg(feature = "filesystem")]
    pub use super::exports::wasi::filesystem0_3_2 as filesystem;
    #[cfg(feature = "http")]
    pub use super::exports::wasi::http0_3_2 as http;
    #[cfg(feature = "sockets")]
    pub use super::exports::wasi::sockets0_3_2 as sockets;
    #[cfg(feature = "cli")]
    pub use super::exports::wasi::{cli0_3_2 as cli, random0_3_2 as random};
}
