//! The custom section that tells `wit-component` what this crate imports.

#[cfg(target_family = "wasm")]
polyfill_guest_macro::core_world! {}

/// Does nothing. A reference to it makes the linker look at this module and find the section.
#[inline(never)]
pub fn link() {}

/// Keeps the section in components that use the module where this is called.
macro_rules! keep_core_world {
    () => {
        #[used]
        static KEEP_CORE_WORLD: fn() = crate::isyswasfa::core_world::link;
    };
}
pub(crate) use keep_core_world;
