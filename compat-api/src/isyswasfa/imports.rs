//! The bindings of the world `wasi:cli/imports`.

polyfill_guest::generate!({
    path: "../wit/wasi/0.3",
    world: "wasi:cli/imports@0.3.2",
    type_section_suffix: "compat-api-imports",
    generate_all,
});
