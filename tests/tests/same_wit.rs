//! Components that were built apart, each for a world of its own, compose: whoever streams whose resources, and whoever uses whose
//! types.

use isyswasfa_tests::{
    Backend, Embedder, composable, compose_files, on_every_backend, program, within,
};
use polyfill_host::Artifact;
use polyfill_host::inspect::Report;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the function `run` of the interface `front` answers, in the composition of `main` and `plugs`.
async fn run(backend: Backend, front: &str, main: &str, plugs: &[&str], what: &str) -> String {
    let plugs: Vec<_> = plugs.iter().map(|name| composable(name, backend)).collect();
    let plugs: Vec<_> = plugs.iter().map(|file| ("", file.as_path())).collect();
    let composed = compose_files(&composable(main, backend), &plugs).unwrap();
    let guest = Embedder::new(backend)
        .unwrap()
        .instantiate(&composed)
        .await
        .unwrap();
    let called = guest.call::<_, (String,)>(front, "run", (what.to_owned(),));
    within(what, called).await.unwrap().0
}

async fn shop(backend: Backend, what: &str) -> String {
    let plugs = ["shop-left", "shop-right", "shop-store"];
    run(backend, "shop:lib/front@1.0.0", "shop-app", &plugs, what).await
}

async fn far(backend: Backend, what: &str) -> String {
    let plugs = ["far-feed", "far-shelf"];
    run(backend, "far:away/front@1.0.0", "far-app", &plugs, what).await
}

on_every_backend! {
    async fn a_third_component_streams_a_resource(backend) {
        let expected = r#"["<item 4> item 4 40", "<item 40> item 40 400"] 440 0"#;
        assert_eq!(shop(backend, "diamond").await, expected);
        let expected = r#"["item 1", "item 10", "item 2", "item 20", "item 3", "item 30"] 0"#;
        assert_eq!(shop(backend, "feed").await, expected);
    }

    async fn a_third_component_streams_values_with_resources_in_them(backend) {
        let expected = r#"["first", "five item 5 (six: item 6, seven: item 7)", "empty"] 0"#;
        assert_eq!(shop(backend, "parcels").await, expected);
        let expected = r#"["item 1", "item 2", "item 3", "item 4"] 0"#;
        assert_eq!(shop(backend, "all").await, expected);
        let expected = r#"["item 1", "item 2", "item 3", "item 1", "item 2", "item 3"] 0"#;
        assert_eq!(shop(backend, "batches").await, expected);
    }

    /// The provider was built with the WIT of its own package alone, which streams nothing.
    async fn another_package_streams_a_resource(backend) {
        let expected = r#"["thing 1", "thing 2", "thing 3", "thing 4", "thing 5"] 0"#;
        assert_eq!(far(backend, "things").await, expected);
        // Natively, no component reads what it has written itself, if there are handles in it.
        if backend != Backend::Native {
            let expected = r#"2 ["thing 3", "thing 4", "thing 5"] 0"#;
            assert_eq!(far(backend, "kept").await, expected);
        }
        let expected = r#"["thing 1 1099511627776 None", "thing 2 2199023255552 Some(\"note 2\")"] 0"#;
        assert_eq!(far(backend, "marked").await, expected);
        assert_eq!(far(backend, "pens").await, r#"["Color::Red red", "Color::Blue blue"] 0"#);
    }
}

/// How components of the split ABI are put together by hand.
const SHOP: &str = r#"
    package t:t;
    let store = new shop:store { ... };
    let left = new shop:left { "shop:lib/store@1.0.0-isyswasfa": store["shop:lib/store@1.0.0-isyswasfa"], ... };
    let right = new shop:right { "shop:lib/store@1.0.0-isyswasfa": store["shop:lib/store@1.0.0-isyswasfa"], ... };
    let app = new shop:app {
      "shop:lib/store@1.0.0-isyswasfa": store["shop:lib/store@1.0.0-isyswasfa"],
      "shop:lib/left@1.0.0-isyswasfa": left["shop:lib/left@1.0.0-isyswasfa"],
      "shop:lib/right@1.0.0-isyswasfa": right["shop:lib/right@1.0.0-isyswasfa"],
      ...
    };
    export app...;
"#;

const FAR: &str = r#"
    package t:t;
    let shelf = new far:shelf { ... };
    let feed = new far:feed {
      "shop:alone/shelf@2.1.0-isyswasfa": shelf["shop:alone/shelf@2.1.0-isyswasfa"],
      "shop:alone/desk@2.1.0-isyswasfa": shelf["shop:alone/desk@2.1.0-isyswasfa"],
      ...
    };
    let app = new far:app {
      "shop:alone/shelf@2.1.0-isyswasfa": shelf["shop:alone/shelf@2.1.0-isyswasfa"],
      "shop:alone/desk@2.1.0-isyswasfa": shelf["shop:alone/desk@2.1.0-isyswasfa"],
      "far:away/feed@1.0.0-isyswasfa": feed["far:away/feed@1.0.0-isyswasfa"],
      ...
    };
    export app...;
"#;

/// What a document composes, by a program that is given these arguments before the rest.
fn composed_by(composer: &mut Command, document: &str, folder: &Path) -> PathBuf {
    let file = folder.join("composition.wac");
    std::fs::write(&file, document).unwrap();
    let package = document
        .split("new ")
        .nth(1)
        .unwrap()
        .split(':')
        .next()
        .unwrap();
    composer.arg("compose").arg(&file);
    for word in document.split("new ").skip(1) {
        let name = word.split_whitespace().next().unwrap();
        let guest = composable(&name.replace(':', "-"), Backend::Isyswasfa);
        composer
            .arg("--dep")
            .arg(format!("{name}={}", guest.display()));
    }
    let composed = folder.join(format!("{package}.wasm"));
    let output = composer.arg("-o").arg(&composed).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    composed
}

/// Components of one WIT need no composer of ours.
#[test]
fn a_stock_composer_composes_what_is_of_one_wit() {
    let folder = tempfile::tempdir().unwrap();
    let mut wac = Command::new(crate::stock_composers::wac());
    let composed = composed_by(&mut wac, SHOP, folder.path());
    let expected = r#""[\"first\", \"five item 5 (six: item 6, seven: item 7)\", \"empty\"] 0""#;
    assert_eq!(invoke(&composed, r#"run("parcels")"#).trim_end(), expected);
}

/// Pipes that a provider lacks are supplied where a document says what goes where, too.
#[test]
fn a_document_composes_what_was_built_with_less_wit() {
    let folder = tempfile::tempdir().unwrap();
    let mut ours = Command::new(program("polyfill-host"));
    let composed = composed_by(&mut ours, FAR, folder.path());
    let expected = r#""[\"Color::Red red\", \"Color::Blue blue\"] 0""#;
    assert_eq!(invoke(&composed, r#"run("pens")"#).trim_end(), expected);
}

/// The provider of the types calls the one that uses them.
#[test]
fn a_use_of_types_alone_is_no_cycle() {
    for backend in Backend::BUILT {
        let [core, convert] = ["proto-core", "proto-convert"].map(|name| composable(name, backend));
        let composed = compose_files(&core, &[("", &convert)]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("composed.wasm");
        std::fs::write(&file, composed).unwrap();
        for (argument, expected) in [
            ("so", r#"ok("SO")"#),
            ("bad", r#"err({code: internal, message: "via core: bad"})"#),
        ] {
            let told = invoke(&file, &format!("csv({argument:?})"));
            assert_eq!(told.trim_end(), expected, "{backend:?}");
        }

        // What is imported is types, not the functions that the export of the same name has.
        let report = Report::new(&Artifact::open(&file).unwrap()).unwrap();
        let mut imports = report.imports.iter();
        let types = imports
            .find(|import| import.name.contains("core-logic"))
            .unwrap();
        assert!(types.only_types && types.functions.is_empty(), "{types:?}");
        assert!(report.hosts.polyfill_host.runs);
        let exported = report
            .exports
            .iter()
            .find(|it| it.name.contains("core-logic"));
        assert_eq!(exported.unwrap().functions[0].name, "csv");

        if backend == Backend::Isyswasfa {
            let lowered = folder.path().join("lowered.wasm");
            let output = polyfill_host(&[
                "lower",
                file.to_str().unwrap(),
                "-o",
                lowered.to_str().unwrap(),
            ]);
            assert_eq!(output, (Some(0), String::new(), String::new()));
            assert_eq!(invoke(&lowered, "csv(\"low\")").trim_end(), r#"ok("LOW")"#);
        }
    }
}

/// One call is the same for both ABIs, though WAVE has no maps and no lists of fixed length.
#[test]
fn maps_and_lists_of_fixed_length_are_passed() {
    for file in Backend::BUILT.map(|backend| composable("aliases", backend)) {
        for (call, expected) in [
            (r#"count([("a", 1), ("b", 2)])"#, "2"),
            ("count([])", "0"),
            (r#"swap([(7, "seven")])"#, r#"[("seven", 7)]"#),
            ("sum((1, 2, 3))", "6"),
            ("square((1, 2, 3))", "(1, 4, 9)"),
        ] {
            assert_eq!(
                invoke(&file, call).trim_end(),
                expected,
                "{call} {}",
                file.display()
            );
        }
    }
}

fn invoke(file: &Path, call: &str) -> String {
    let (status, stdout, stderr) =
        polyfill_host(&["run", "--invoke", call, file.to_str().unwrap()]);
    assert_eq!(status, Some(0), "{call}: {stderr}");
    stdout
}

fn polyfill_host(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(program("polyfill-host"))
        .args(arguments)
        .env_remove("RUST_LOG")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}
