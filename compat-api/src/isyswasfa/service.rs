//! The bindings of the world `wasi:http/service`: its imports, but for `wasi:http`, are those of
//! `imports`.

polyfill_guest::generate!({
    wasi: "0.3",
    world: "wasi:http/service",
    type_section_suffix: "compat-api-service",
    default_bindings_module: "$crate",
    export_macro_name: "_export_service",
    pub_export_macro: true,
    with: {
        "wasi:http/types": generate,
        "wasi:http/client": generate,
        "wasi:http/handler": generate,
        "wasi:cli/stdin": crate::cli::stdin,
        "wasi:cli/stdout": crate::cli::stdout,
        "wasi:cli/stderr": crate::cli::stderr,
        "wasi:cli/types": crate::cli::types,
        "wasi:clocks/monotonic-clock": crate::clocks::monotonic_clock,
        "wasi:clocks/system-clock": crate::clocks::system_clock,
        "wasi:clocks/types": crate::clocks::types,
        "wasi:random/random": crate::random::random,
        "wasi:random/insecure": crate::random::insecure,
        "wasi:random/insecure-seed": crate::random::insecure_seed,
    },
});
