//! Native components, translated to the split ABI.

use crate::Backend;
use crate::guest::guest;
use crate::lowered::keep;
use isyswasfa_translate::translate;
use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

/// What a translated component cannot do: the tests that want it, or modules of tests, and why.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("cancel", OWN_PIPES),
    ("kinds", OWN_PIPES),
    ("large", OWN_PIPES),
    (
        "leaks::nothing_is_left_of_100_000_cancelled_calls",
        OWN_PIPES,
    ),
    ("rules", OWN_PIPES),
];

const OWN_PIPES: &str =
    "its guest exports streams of its own resources, whose pipes it would have to implement";

/// Why a test cannot pass with translated components, if `backend` is for those.
pub fn exception(backend: Backend, test: &str) -> Option<&'static str> {
    if !backend.is_translated() {
        return None;
    }
    let is = |exception: &str| {
        test.strip_prefix(exception)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    let mut exceptions = EXCEPTIONS.iter();
    let (_, why) = exceptions.find(|(exception, _)| is(exception))?;
    Some(why)
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
