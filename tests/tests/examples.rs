//! What is in `examples`, as a user builds and runs it.

use isyswasfa_tests::{Backend, cargo_build, program};
use std::path::Path;
use std::process::Command;

#[test]
fn a_program_with_a_plugin() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/plugin");
    for backend in Backend::BUILT {
        let plugin = cargo_build(&folder, backend, "wasm32-wasip2", "example_plugin.wasm");
        let output = Command::new(program("example-embed"))
            .arg(&plugin)
            .args(["todo", "shopping", "diary"])
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{backend:?}: {stderr}");
        let lines = "todo: 2 words\nshopping: 4 words\ndiary: there is no such note\n";
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            lines,
            "{backend:?}"
        );
    }
}
