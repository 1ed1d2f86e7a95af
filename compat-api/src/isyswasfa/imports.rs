//! The bindings of the world `wasi:cli/imports`.

polyfill_guest::generate!({
    wasi: "0.3",
    world: "wasi:cli/imports",
    type_section_suffix: "compat-api-imports",
    generate_all,
});
