//! Whatever is called WIT, Rust or a manifest, given to `isyswasfa-migrate`: it finds something or not, and what it fixes it can
//! read again.
#![no_main]

use isyswasfa_migrate::edit::Safety;
use isyswasfa_migrate::{Options, Source, migrate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, text)) = bytes.split_first() else {
        return;
    };
    let name = ["app.wit", "app.rs", "Cargo.toml"][usize::from(*kind) % 3];
    let text = String::from_utf8_lossy(text);
    if let Some(source) = Source::new(name, &*text) {
        let migrated = migrate(vec![source], &Options::default(), Safety::Unsafe);
        assert_eq!(migrated.files.len(), 1);
    }
});
