//! `polyfill-host lower`: what it makes, and what it refuses.

use isyswasfa_tests::{Backend, guest, program};
use polyfill_host::abi::Shape;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use wasmparser::{Parser, Payload};

fn lower(component: &Path, output: &Path, options: &[&str]) -> Output {
    Command::new(program("polyfill-host"))
        .arg("lower")
        .args(options)
        .arg(component)
        .arg("-o")
        .arg(output)
        .env_remove("RUST_BACKTRACE")
        .output()
        .unwrap()
}

fn lowered(name: &str, folder: &Path, options: &[&str]) -> Vec<u8> {
    let output = folder.join("lowered.wasm");
    let done = lower(&guest(name, Backend::Isyswasfa), &output, options);
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
    fs::read(output).unwrap()
}

#[test]
fn only_what_is_used_of_wasi_is_imported() {
    let folder = tempfile::tempdir().unwrap();
    let lowered = lowered("service", folder.path(), &[]);
    let shape = Shape::read("service".as_ref(), &lowered).unwrap();
    assert_eq!(shape.exports, ["wasi:http/incoming-handler@0.2.0"]);
    for absent in [
        "sockets",
        "filesystem",
        "outgoing-handler",
        "clocks",
        "random",
    ] {
        let mut imports = shape.imports.iter();
        assert!(
            !imports.any(|import| import.contains(absent)),
            "{:?}",
            shape.imports
        );
    }
    for import in &shape.imports {
        assert!(
            import.starts_with("wasi:") && import.ends_with("@0.2.0"),
            "{import}"
        );
    }
}

#[test]
fn functions_for_sending_are_there_for_those_who_send() {
    let folder = tempfile::tempdir().unwrap();
    let lowered = |name| {
        let folder = folder.path().join(name);
        fs::create_dir(&folder).unwrap();
        lowered(name, &folder, &[])
    };
    let sends = |wasm: &[u8]| {
        let name = b"[method]outgoing-request.set-method";
        wasm.windows(name.len()).any(|part| part == name)
    };
    assert!(!sends(&lowered("service")));
    assert!(sends(&lowered("echo")));
}

#[test]
fn a_users_interface_stays_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let lowered = lowered("round-trip", folder.path(), &[]);
    let shape = Shape::read("round-trip".as_ref(), &lowered).unwrap();
    let line = "cases:round-trip/line@0.1.0".to_owned();
    assert!(shape.imports.contains(&line), "{:?}", shape.imports);
    assert_eq!(shape.exports, [line]);
}

/// The modules in a component, and in those in it.
fn modules(component: &[u8]) -> Vec<&[u8]> {
    let payloads = Parser::new(0).parse_all(component);
    let modules = payloads.filter_map(|payload| match payload.unwrap() {
        Payload::ModuleSection {
            unchecked_range, ..
        } => Some(&component[unchecked_range.start as usize..unchecked_range.end as usize]),
        _ => None,
    });
    modules.collect()
}

fn has_code(module: &&&[u8]) -> bool {
    const TRAMPOLINES: u32 = 64;
    Parser::new(0).parse_all(module).any(|payload| {
        matches!(payload.unwrap(), Payload::CodeSectionStart { count, .. } if count > TRAMPOLINES)
    })
}

#[test]
fn a_single_guest_becomes_one_module_with_a_memory_apart() {
    let folder = tempfile::tempdir().unwrap();
    let lowered = lowered("echo", folder.path(), &[]);
    let modules = modules(&lowered);
    assert_eq!(modules.len(), 2);
    assert_eq!(modules.iter().filter(has_code).count(), 1);
}

#[test]
fn several_guests_keep_their_memories_to_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let composition = folder.path().join("composition.wasm");
    let done = Command::new(program("polyfill-host"))
        .arg("compose")
        .arg(guest("middleware", Backend::Isyswasfa))
        .arg("--plug")
        .arg(guest("service", Backend::Isyswasfa))
        .arg("-o")
        .arg(&composition)
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    let output = folder.path().join("lowered.wasm");
    assert!(lower(&composition, &output, &[]).status.success());
    let lowered = fs::read(output).unwrap();
    let modules = modules(&lowered);
    // Two guests, the adapter and the core; the driver is small.
    assert!(modules.iter().filter(has_code).count() >= 4);
}

#[test]
fn stripping_makes_it_smaller() {
    let folder = tempfile::tempdir().unwrap();
    let whole = lowered("echo", folder.path(), &[]);
    let stripped = lowered("echo", folder.path(), &["--strip"]);
    assert!(stripped.len() < whole.len() * 9 / 10);
    let guest = fs::metadata(guest("echo", Backend::Isyswasfa))
        .unwrap()
        .len();
    assert!(whole.len() as u64 - guest <= 400 << 10);
}

/// Native, and not to be translated.
const STACKFUL: &str = r#"(component
  (core module $m (func (export "run")))
  (core instance $i (instantiate $m))
  (type $run (func async))
  (func (export "run") (type $run) (canon lift (core func $i "run") async)))"#;

#[test]
fn what_cannot_be_lowered_is_said_and_nothing_written() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("lowered.wasm");
    let stackful = folder.path().join("stackful.wasm");
    fs::write(&stackful, wat::parse_str(STACKFUL).unwrap()).unwrap();
    for (component, what) in [
        (
            stackful,
            "cannot be translated: `run` is lifted without a callback (stackful)",
        ),
        (
            guest("plain", Backend::Isyswasfa),
            "there is nothing to lower",
        ),
        (folder.path().join("absent.wasm"), "there is no file"),
    ] {
        let done = lower(&component, &output, &[]);
        let said = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(said.contains(what), "{said}");
        assert!(!output.exists());
    }
}
