//! `wasi:cli/stderr` of WASI 0.2, whose writes block.

polyfill_guest::generate!({
    inline: "
        package compat-api:native;

        world beside {
            import wasi:io/streams@0.2.0;
            import wasi:cli/stderr@0.2.0;
        }
    ",
    wasi: "0.2.0",
    type_section_suffix: "compat-api-native",
    generate_all,
});

pub use wasi::cli::stderr::get_stderr;
