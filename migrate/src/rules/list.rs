//! The list of rules, in the order of reports. A test compares it with the folders.

use super::{Check, Rule, manifest, program, rust, script, wit};

macro_rules! rules {
    ($($kind:ident $folder:ident: $($name:literal $module:ident)*;)*) => {
        &[$($(Rule {
            name: $name,
            check: Check::$kind($folder::$module::check),
            source: include_str!(concat!(stringify!($folder), "/", stringify!($module), ".rs")),
            folder: stringify!($folder),
        },)*)*]
    };
}

pub static RULES: &[Rule] = rules! {
    Wit wit:
        "wasi-version" wasi_version
        "moved-interface" moved_interface
        "moved-type" moved_type
        "moved-world" moved_world
        "gone-interface" gone_interface
        "gone-type" gone_type
        "unused-io" unused_io
        "pollable-handle" pollable_handle
        "start-finish-pair" start_finish_pair
        "input-stream-handle" input_stream_handle
        "output-stream-handle" output_stream_handle
        "network-handle" network_handle
        "blocking-function" blocking_function
        "sync-export" sync_export
        "release-candidate" release_candidate
        "proposal-interface" proposal_interface;
    Vendored wit:
        "vendored-wasi" vendored_wasi
        "proposal-package" proposal_package;
    Rust rust:
        "moved-path" moved_path
        "getter-call" getter_call
        "case-comparison" case_comparison
        "unit-error" unit_error
        "signed-seconds" signed_seconds
        "generate-macro" generate_macro
        "gone-call" gone_call
        "clock-subscription" clock_subscription
        "unawaited-call" unawaited_call
        "sync-guest" sync_guest
        "await-in-sync-function" await_in_sync_function
        "outgoing-request" outgoing_request
        "outgoing-body" outgoing_body
        "response-outparam" response_outparam
        "incoming-body" incoming_body
        "io-stream" io_stream
        "positioned-io" positioned_io
        "directory-stream" directory_stream
        "socket-operation" socket_operation
        "name-lookup" name_lookup
        "experiment-api" experiment_api
        "short-random" short_random
        "shared-static" shared_static
        "wrapper-path" wrapper_path
        "compat-path" compat_path;
    Program program:
        "facade-timer" facade_timer
        "facade-path" facade_path
        "facade-call" facade_call
        "unused-facade" unused_facade;
    Manifest manifest:
        "wasi-dependency" wasi_dependency
        "wrapper-dependency" wrapper_dependency
        "fetched-wit" fetched_wit
        "locked-wit" locked_wit
        "compat-dependency" compat_dependency;
    Script script:
        "python-binding" python_binding
        "python-export" python_export
        "javascript-binding" javascript_binding
        "javascript-export" javascript_export;
};
