//! All end-to-end tests, as one program: most of what it takes to build them is the same for each.

mod bindgen;
mod bridge;
mod cancel;
mod compare;
mod compose_command;
mod conformance;
mod delay;
mod echo;
mod examples;
mod facade;
mod facts;
mod faithful;
mod faults;
mod guide;
mod hash_all;
mod host_memory;
mod hosts;
mod http_client;
mod http_crate;
mod http_requirements;
mod http_server;
mod inspect;
mod kinds;
mod languages;
mod large;
mod leaks;
mod lower;
mod memory;
mod middleware;
mod migrated;
mod new_project;
mod one_request;
mod options;
mod ordinary;
mod output;
mod packages;
mod plain_cargo;
mod pollables;
mod readme;
mod round_trip;
mod router;
mod rules;
mod run;
mod run_end;
mod same_wit;
mod serve_bad_input;
mod serve_clients;
mod serve_files;
mod serve_instances;
mod serve_limits;
mod serve_plain;
mod serve_process;
mod service;
mod soak;
mod stock_composers;
mod terminal;
mod trace;
mod translate_bad_input;
mod translate_command;
mod translated_text;

/// Cargo looks for no tests here by itself, so that this file must name them all.
#[test]
fn every_file_is_a_module() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().file_name().into_string().unwrap();
        let Some(module) = file.strip_suffix(".rs").filter(|name| *name != "main") else {
            continue;
        };
        let declared = include_str!("main.rs").contains(&format!("\nmod {module};\n"));
        assert!(declared, "`{file}` is not a module of `main.rs`");
    }
}
