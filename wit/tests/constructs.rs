//! One small WIT file for each construct, in `constructs/`: a file dropped there is a test. Its snapshot has the split of
//! every world of the file's main package, or the message with which it is refused.

mod harness;

use std::fmt::Write;
use std::path::Path;
use std::{fs, panic};

#[test]
fn every_construct() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/constructs");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "wit"));
    files.sort();
    assert!(!files.is_empty());
    let mut failed = Vec::new();
    for path in files {
        if panic::catch_unwind(|| construct(&path)).is_err() {
            failed.push(path);
        }
    }
    assert!(failed.is_empty(), "these failed: {failed:#?}");
}

fn construct(path: &Path) {
    let (resolve, package) = harness::read(&fs::read_to_string(path).unwrap());
    let mut splits = String::new();
    for (name, world) in &resolve.packages[package].worlds {
        writeln!(splits, "// world `{name}`").unwrap();
        match isyswasfa_wit::split(&resolve, *world) {
            Ok(split) => splits += &without_core(&harness::check(&split)),
            Err(refused) => writeln!(splits, "{refused}").unwrap(),
        }
    }
    let name = path.file_stem().unwrap().to_str().unwrap();
    insta::with_settings!({ snapshot_path => "constructs", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, splits.trim_end());
    });
}

/// The text without `isyswasfa:core`, which is the same in each.
fn without_core(text: &str) -> String {
    let Some(start) = text.find("/// The functions that the split ABI needs of a host") else {
        return text.to_owned();
    };
    let end = start + text[start..].find("\n}\n").unwrap() + "\n}\n".len();
    let rest = text[end..].trim_start_matches('\n');
    format!("{}{rest}", &text[..start])
}
