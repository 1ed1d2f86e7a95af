//! Components of the split ABI, lowered to WASI 0.2.

use crate::Backend;
use crate::guest::{Abi, guest, target};
use polyfill_host::Artifact;
use polyfill_host::lower::{Options, lower};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Tests that cannot pass on any host of WASI 0.2, with the reasons.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "round_trip::calls_are_in_the_host_at_the_same_time",
        "an ordinary function of the host is called to its end before anything else runs",
    ),
    (
        "round_trip::waits_overlap",
        "an ordinary function of the host is called to its end before anything else runs",
    ),
    (
        "round_trip::an_error_of_the_host_ends_the_instance_and_is_reported",
        "calls of an instance come one after the other: the second one cannot be under way when the first one traps",
    ),
    (
        "leaks::nothing_is_left_of_100_000_cancelled_calls",
        "an ordinary function of the host is called to its end before its caller can give up",
    ),
    (
        "run::the_exit_status_is_the_commands",
        "`wasi:cli/exit@0.2.0` knows 0 and not 0",
    ),
    (
        "faults::a_panic_ends_what_shares_the_instance",
        "requests do not share an instance",
    ),
    (
        "faults::a_guest_that_never_answers_is_504",
        "nothing is left to wait for, which is found at once: 500",
    ),
    (
        "serve_process::a_second_signal_ends_it_at_once",
        "its guest never answers: nothing is left to wait for, which is found at once",
    ),
    (
        "run::arguments_and_results_are_written_in_wave",
        "its guest has a function with a stream, which a host of 0.2 has no word for",
    ),
    (
        "serve_instances::an_instance_is_used_again",
        "an instance is for one request",
    ),
    (
        "serve_instances::an_instance_works_on_so_many_requests_at_once",
        "an instance is for one request",
    ),
    (
        "serve_instances::an_idle_instance_goes",
        "an instance is for one request",
    ),
    (
        "serve_instances::lines_of_requests_that_share_an_instance_do_not_mix",
        "requests do not share an instance",
    ),
    (
        "pollables::calls_overlap",
        "calls of an instance come one after the other",
    ),
    (
        "pollables::others_run_while_one_waits",
        "calls of an instance come one after the other",
    ),
    (
        "pollables::a_task_that_waits_is_dropped",
        "a call under way cannot be given up without the instance",
    ),
];

/// Why a test cannot pass on any host of WASI 0.2, if `backend` is for those.
/// `test` begins with its crate.
pub fn exception(backend: Backend, test: &str) -> Option<&'static str> {
    let (_, test) = test.split_once("::")?;
    let mut exceptions = EXCEPTIONS.iter();
    let (_, why) = exceptions.find(|(exception, _)| *exception == test)?;
    (backend.abi() == Abi::Lowered).then_some(why)
}

/// The component of the case `name`, lowered.
///
/// # Panics
/// If it has not been built, or cannot be lowered.
pub fn lowered(name: &str, backend: Backend) -> PathBuf {
    static DONE: Mutex<Option<HashMap<(String, Backend), PathBuf>>> = Mutex::new(None);
    let mut done = DONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let done = done.get_or_insert_default();
    let key = (name.to_owned(), backend);
    if let Some(file) = done.get(&key) {
        return file.clone();
    }
    let split = guest(name, backend.before_lowering().unwrap_or(backend));
    let file = keep(name, backend, &lower_file(&split));
    done.insert(key, file.clone());
    file
}

/// Writes a component that was made from a guest beside the guests.
pub fn keep(name: &str, backend: Backend, wasm: &[u8]) -> PathBuf {
    let folder = target().join("guests").join(backend.name());
    let file = folder.join(format!("{name}.wasm"));
    // Other test programs may be using it.
    let partial = folder.join(format!("{name}.{}", std::process::id()));
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&partial, wasm))
        .and_then(|()| fs::rename(&partial, &file))
        .unwrap_or_else(|error| panic!("failed to write `{}`: {error}", file.display()));
    file
}

fn lower_file(path: &Path) -> Vec<u8> {
    let wasm = fs::read(path).expect("the component can be read");
    lower_bytes(path, &wasm)
}

/// Lowers the composition in `file`, whose components are not lowered, if `backend` is for lowered ones.
pub fn lower_if(backend: Backend, file: &Path) {
    if backend.abi() == Abi::Lowered {
        fs::write(file, lower_file(file)).expect("the component can be written");
    }
}

/// A component, lowered.
///
/// # Panics
/// If it cannot be.
pub fn lower_bytes(path: &Path, wasm: &[u8]) -> Vec<u8> {
    let file = path.display();
    let artifact = Artifact::new(file.to_string(), wasm.to_vec());
    let artifact = artifact.unwrap_or_else(|error| panic!("{error}"));
    let lowered = lower(&artifact, &Options::default());
    lowered
        .unwrap_or_else(|error| panic!("`{file}` cannot be lowered: {error}"))
        .wasm
}
