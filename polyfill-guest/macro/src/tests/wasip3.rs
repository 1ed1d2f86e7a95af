//! Tests that `compat-api` has the items of the crate `wasip3` on the split ABI, with the same signatures.
//!
//! Both crates are read as source, including the expansion of their macros. Everything that can be reached from outside is listed
//! by its path, with its signature. The two lists must be the same.

mod paths;
mod signature;
mod source;
mod surface;

use source::Crate;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Items that only one of the two has, with the reason.
///
/// What is re-exported from another crate is not looked into: `wit_bindgen` is `polyfill-guest` here.
const ACCEPTED: [(&str, &str); 1] = [("pollable", "ours awaits the pollables of WASI 0.2 too")];

#[test]
fn compat_api_has_what_wasip3_has() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ours = Crate::read(&here.join("../../compat-api/src/isyswasfa.rs"), "isyswasfa");
    let theirs = Crate::read(&wasip3().join("src/lib.rs"), "lib");
    let (ours, theirs) = (ours.listed(), theirs.listed());
    let accepted = |line: &&String| ACCEPTED.iter().any(|(item, _)| line.contains(item));
    let missing: Vec<_> = theirs
        .difference(&ours)
        .filter(|line| !accepted(line))
        .collect();
    let added: Vec<_> = ours
        .difference(&theirs)
        .filter(|line| !accepted(line))
        .collect();
    assert!(
        missing.is_empty() && added.is_empty(),
        "only in `wasip3`: {missing:#?}\nonly in `compat-api`: {added:#?}"
    );
    // That nothing was overlooked on both sides alike.
    for line in [
        "fn filesystem::types::Descriptor::open_at",
        "fn sockets::types::TcpSocket::listen",
        "trait exports::http::handler::Guest",
        "macro cli::command::export",
        "fn http_compat::http_into_wasi_response",
    ] {
        assert!(
            ours.iter().any(|found| found.starts_with(line)),
            "{line} in {ours:#?}"
        );
    }
}

/// What Cargo knows of this workspace and its dependencies.
pub(super) fn metadata() -> serde_json::Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version=1",
            "--all-features",
            "--locked",
            "--manifest-path",
        ])
        .arg(root)
        .output()
        .expect("cargo runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "`cargo metadata` failed: {errors}");
    serde_json::from_slice(&output.stdout).expect("it is JSON")
}

/// Where the sources of `wasip3` are.
fn wasip3() -> PathBuf {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|package| package["name"] == "wasip3");
    let manifest = package.and_then(|package| package["manifest_path"].as_str());
    let manifest = Path::new(manifest.expect("`wasip3` is a dependency"));
    manifest.parent().expect("its folder").to_owned()
}
