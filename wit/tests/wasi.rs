//! The worlds of WASI 0.3: their splits are kept in `wit/split`, as folders that binding generators read.

mod harness;

use isyswasfa_wit::wasi::WASI_0_3;
use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};
use wit_parser::{Resolve, WorldId};

#[test]
fn service() {
    kept("wasi:http", "service");
}

#[test]
fn middleware() {
    kept("wasi:http", "middleware");
}

#[test]
fn command() {
    kept("wasi:cli", "command");
}

/// Splits a world, and compares it with the folder of its name; or, with `INSTA_UPDATE=always`, writes that folder.
fn kept(package: &str, world: &str) {
    let (resolve, id) = wasi(package, world);
    let split = isyswasfa_wit::split(&resolve, id).unwrap();
    harness::check(&split);
    let split: BTreeMap<_, _> = isyswasfa_wit::files(&split).into_iter().collect();

    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("split")
        .join(world);
    if env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        fs::remove_dir_all(&folder).ok();
        for (path, text) in &split {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    let mut found = BTreeMap::new();
    read(&folder, &folder, &mut found);
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    let help = "run the tests with `INSTA_UPDATE=always` to write it anew";
    assert_eq!(
        names(&found),
        names(&split),
        "`{}` has other files than the split: {help}",
        folder.display()
    );
    for (path, text) in &split {
        assert_eq!(
            &found[path],
            text,
            "`{}` is not the split: {help}",
            folder.join(path).display()
        );
    }

    // As a binding generator reads it.
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(&folder).unwrap();
    resolve.select_world(&[package], Some(world)).unwrap();
}

fn wasi(package: &str, world: &str) -> (Resolve, WorldId) {
    let mut resolve = Resolve::default();
    WASI_0_3.push(&mut resolve).unwrap();
    let mut packages = resolve.packages.iter();
    let (_, package) = packages
        .find(|(_, found)| found.name.to_string().starts_with(package))
        .unwrap();
    let world = package.worlds[world];
    (resolve, world)
}

fn read(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}
