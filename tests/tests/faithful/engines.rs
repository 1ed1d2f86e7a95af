//! Calls a component's function on both engines: natively, and translated.

use polyfill_host::engine::EngineOptions;
use polyfill_host::run::{Outcome, ProgramLoader, RunOptions};
use std::fs;
use std::sync::LazyLock;

/// How a call has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// With this result, in WAVE.
    Returned(String),
    /// With a trap: what its report says.
    Trapped(String),
}

static NATIVE: LazyLock<ProgramLoader> = LazyLock::new(|| loader(false));
static TRANSLATED: LazyLock<ProgramLoader> = LazyLock::new(|| loader(true));

fn loader(translate: bool) -> ProgramLoader {
    let mut options = RunOptions::default();
    options.guest.translate = translate;
    ProgramLoader::new(EngineOptions::default(), options).expect("nothing is asked for")
}

async fn call(loader: &ProgramLoader, component: &[u8], call: &str) -> End {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("guest.wasm");
    fs::write(&file, component).expect("the component is written");
    let program = loader
        .load(&file)
        .unwrap_or_else(|error| panic!("{error}\n{:?}", error.help()));
    let called = isyswasfa_tests::within("the call", program.invoke(call)).await;
    match called.unwrap_or_else(|error| panic!("{error}")) {
        Ok(result) => End::Returned(result),
        Err(Outcome::Trapped(error)) => End::Trapped(format!("{error:?}")),
        Err(other) => panic!("it ended otherwise: {other:?}"),
    }
}

/// How the call of the component, in either format, ends: natively, and translated.
pub async fn on_both(component: impl AsRef<[u8]>, function: &str) -> [End; 2] {
    [
        call(&NATIVE, component.as_ref(), function).await,
        call(&TRANSLATED, component.as_ref(), function).await,
    ]
}

/// Checks that the call returns this on both engines.
pub async fn both_return(component: &str, function: &str, expected: &str) {
    let [native, translated] = on_both(component, function).await;
    let expected = End::Returned(expected.to_owned());
    assert_eq!(native, expected, "natively");
    assert_eq!(translated, expected, "translated");
}

/// Checks that the call traps on both engines, and that the translated component's report names the rule.
pub async fn both_trap(component: &str, function: &str, rule: &str) {
    let [native, translated] = on_both(component, function).await;
    assert!(matches!(native, End::Trapped(_)), "natively: {native:?}");
    match translated {
        End::Trapped(report) => assert!(report.contains(rule), "{report}"),
        returned => panic!("translated: {returned:?}"),
    }
}
