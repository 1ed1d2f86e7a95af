//! Native components, translated to the split ABI.

use crate::Backend;
use crate::guest::guest;
use crate::lowered::keep;
use isyswasfa_translate::translate;
use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

/// Tests that fail translated and lowered, for a reason that is not known yet.
const UNSOLVED: [&str; 2] = [
    "serve_limits::streams_with_a_closed_window_keep_no_instance",
    "serve_limits::what_a_client_does_not_read_keeps_no_instance",
];

/// Why a test cannot pass with translated components, if `backend` is for those.
pub fn exception(backend: Backend, test: &str) -> Option<&'static str> {
    if !backend.is_translated() {
        return None;
    }
    if backend == Backend::TranslatedLowered && UNSOLVED.contains(&test) {
        return Some("the first answer is late: a bug, of the translator or of lowering");
    }
    None
}

/// The component of the case `name`, translated.
///
/// # Panics
/// If it has not been built, or cannot be translated.
pub fn translated(name: &str) -> PathBuf {
    static DONE: Mutex<Option<HashMap<String, PathBuf>>> = Mutex::new(None);
    let mut done = DONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let done = done.get_or_insert_default();
    if let Some(file) = done.get(name) {
        return file.clone();
    }
    let native = guest(name, Backend::Native);
    let wasm = fs::read(&native).expect("the component can be read");
    let wasm = translate(&wasm)
        .unwrap_or_else(|error| panic!("`{}` cannot be translated: {error}", native.display()));
    let file = keep(name, Backend::Translated, &wasm);
    done.insert(name.to_owned(), file.clone());
    file
}
