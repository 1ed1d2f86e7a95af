//! The interfaces of WASI that awaiting a pollable takes.

pub use p2::wasi::io;
pub use p3::wasi::clocks;

// The oldest 0.2: whatever the guest itself imports, this adds no newer version.
mod p2 {
    polyfill_guest_macro::generate! { native crate { {
        inline: "package polyfill-guest:native; world pollables { import wasi:io/poll@0.2.0; }",
        wasi: "0.2.0",
        type_section_suffix: "polyfill-guest-native-pollables",
        generate_all,
    } } }
}

mod p3 {
    polyfill_guest_macro::generate! { native crate { {
        inline: "package polyfill-guest:native; world clocks { import wasi:clocks/monotonic-clock@0.3.2; }",
        wasi: "0.3",
        type_section_suffix: "polyfill-guest-native-clocks",
        generate_all,
    } } }
}
