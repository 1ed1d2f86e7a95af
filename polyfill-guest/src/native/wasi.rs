//! The interfaces of WASI that awaiting a pollable takes.

polyfill_guest_macro::generate! { native crate { {
    inline: "
        package polyfill-guest:native;

        world pollables {
            import wasi:io/poll@0.2.12;
            import wasi:clocks/monotonic-clock@0.3.2;
        }
    ",
    path: ["../wit/wasi/0.2/deps/io.wit", "../wit/wasi/0.3/deps/clocks.wit"],
    type_section_suffix: "polyfill-guest-native",
    generate_all,
} } }

pub use wasi::{clocks, io};
