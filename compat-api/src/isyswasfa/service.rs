//! The bindings of the world `wasi:http/service`: its imports, but for `wasi:http`, are those of
//! `imports`.

polyfill_guest::generate!({
    path: "../wit/wasi/0.3",
    world: "wasi:http/service@0.3.2",
    type_section_suffix: "compat-api-service",
    default_bindings_module: "$crate",
    export_macro_name: "_export_service",
    pub_export_macro: true,
    with: {
        "wasi:http/types@0.3.2": generate,
        "wasi:http/client@0.3.2": generate,
        "wasi:http/handler@0.3.2": generate,
        "wasi:cli/stdin@0.3.2": crate::cli::stdin,
        "wasi:cli/stdout@0.3.2": crate::cli::stdout,
        "wasi:cli/stderr@0.3.2": crate::cli::stderr,
        "wasi:cli/types@0.3.2": crate::cli::types,
        "wasi:clocks/monotonic-clock@0.3.2": crate::clocks::monotonic_clock,
        "wasi:clocks/system-clock@0.3.2": crate::clocks::system_clock,
        "wasi:clocks/types@0.3.2": crate::clocks::types,
        "wasi:random/random@0.3.2": crate::random::random,
        "wasi:random/insecure@0.3.2": crate::random::insecure,
        "wasi:random/insecure-seed@0.3.2": crate::random::insecure_seed,
    },
});
