//! The few interfaces of WASI 0.2 that are used beside WASI 0.3.

wit_bindgen::generate!({
    inline: "
        package compat-api:native;

        world beside {
            import wasi:io/poll@0.2.12;
            import wasi:io/streams@0.2.12;
            import wasi:cli/stderr@0.2.12;
        }
    ",
    path: "../wit/wasi/0.2",
    type_section_suffix: "compat-api-native",
    generate_all,
});

#[cfg(all(target_family = "wasm", target_os = "unknown"))]
pub use wasi::cli::stderr;
pub use wasi::io::poll;
