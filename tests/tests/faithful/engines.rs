//! Calls a component's function on both engines: natively, and translated.

use isyswasfa_tests::lower_bytes;
use polyfill_host::engine::EngineOptions;
use polyfill_host::run::{Outcome, ProgramLoader, RunOptions};
use std::fs;
use std::path::Path;
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

/// Checks that the call of the component, translated, returns this.
pub async fn translated_returns(component: &str, function: &str, expected: &str) {
    let translated = call(&TRANSLATED, component.as_bytes(), function).await;
    assert_eq!(translated, End::Returned(expected.to_owned()));
}

/// Checks that the call traps natively and translated, and that the translated component's report names the rule.
pub async fn both_trap(component: &str, function: &str, rule: &str) {
    let [native, translated] = on_both(component, function).await;
    assert!(matches!(native, End::Trapped(_)), "natively: {native:?}");
    assert_names("translated", translated, rule);
}

/// Checks that the call of the component, translated, traps, and that the report names the rule.
pub async fn translated_traps(component: &str, function: &str, rule: &str) {
    let translated = call(&TRANSLATED, component.as_bytes(), function).await;
    assert_names("translated", translated, rule);
}

/// The same as [`both_trap`], and translated and lowered. The component exports nothing but `run`.
pub async fn all_trap(component: &str, function: &str, rule: &str) {
    both_trap(component, function, rule).await;
    let lowered = call(&NATIVE, &lowered(component), function).await;
    assert_names("lowered", lowered, rule);
}

fn assert_names(how: &str, end: End, rule: &str) {
    match end {
        End::Trapped(report) => assert!(report.contains(rule), "{how}: {report}"),
        returned => panic!("{how}: {returned:?}, {rule}"),
    }
}

/// The component, whose function `run` is in an interface then, translated and lowered: only functions of interfaces are.
fn lowered(component: &str) -> Vec<u8> {
    // The last one is that of the outermost component.
    let (before, after) = component
        .rsplit_once("(export \"run\" (func $run))")
        .expect("it exports `run`");
    let entry = "(instance $entry (export \"run\" (func $run))) (export \"test:faithful/entry\" (instance $entry))";
    let component = format!("{before}{entry}{after}");
    let wasm = wat::parse_str(component).expect("the component is valid text");
    let wasm = isyswasfa_translate::translate(&wasm).expect("the component is translated");
    lower_bytes(Path::new("guest.wasm"), &wasm)
}
