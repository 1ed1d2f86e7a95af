//! WASI's own WIT, of both versions, as text: what an interface `use`s from another can be `use`d from it as well.

use super::tree::*;
use super::{Package, parse};
use isyswasfa_wit::wasi::{WASI_0_2, WASI_0_3, Wasi, WitFile};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::LazyLock;

/// From a name in an interface to where it is defined, by the interface: in `wasi:http/types`, `duration` is that of `wasi:clocks/monotonic-clock`.
type Reused = FxHashMap<String, FxHashMap<String, (String, String)>>;

static REUSED_0_2: LazyLock<Reused> = LazyLock::new(|| reused(&WASI_0_2));
static REUSED_0_3: LazyLock<Reused> = LazyLock::new(|| reused(&WASI_0_3));

/// The interface and the item that a name of a WASI 0.2 interface stands for.
pub fn definition_0_2<'a>(interface: &'a str, item: &'a str) -> (&'a str, &'a str) {
    let reused = REUSED_0_2.get(interface);
    match reused.and_then(|items| items.get(item)) {
        Some((interface, item)) => (interface, item),
        None => (interface, item),
    }
}

/// Can what `of` defines as `defined` be `use`d as `item` from this interface of WASI 0.3?
pub fn reuses_0_3(interface: &str, item: &str, (of, defined): (&str, &str)) -> bool {
    REUSED_0_3
        .get(interface)
        .and_then(|items| items.get(item))
        .is_some_and(|(interface, item)| (interface.as_str(), item.as_str()) == (of, defined))
}

/// Interfaces, types and functions of 0.3, by full name.
static ITEMS_0_3: LazyLock<FxHashSet<String>> = LazyLock::new(|| {
    let mut names = FxHashSet::default();
    for WitFile { package, text, .. } in WASI_0_3.files {
        let file = parse(text).expect("WASI's WIT parses");
        for scope in file.scopes().iter().filter(|scope| !scope.is_world) {
            let interface = format!("wasi:{package}/{}", scope.name.text);
            names.extend(
                scope
                    .types
                    .iter()
                    .map(|ty| format!("{interface}.{}", ty.name.text)),
            );
            for (resource, func) in scope.all_funcs() {
                let resource = resource
                    .map(|resource| format!("{}.", resource.name.text))
                    .unwrap_or_default();
                names.insert(format!("{interface}.{resource}{}", func.name.text));
            }
            names.insert(interface);
        }
    }
    names
});

/// Is there such an interface, type or function in 0.3?
pub fn exists_0_3(name: &str) -> bool {
    ITEMS_0_3.contains(name)
}

fn reused(wasi: &Wasi) -> Reused {
    let mut direct = FxHashMap::default();
    for WitFile { package, text, .. } in wasi.files {
        let file = parse(text).expect("WASI's WIT parses");
        for scope in file.scopes().iter().filter(|scope| !scope.is_world) {
            for used in &scope.uses {
                let from = match Package::default().wasi_path(&file, &used.path) {
                    Some((interface, _)) => interface,
                    None => format!("wasi:{package}/{}", used.path.name.text),
                };
                for name in &used.names {
                    let here = (
                        format!("wasi:{package}/{}", scope.name.text),
                        name.local().text.clone(),
                    );
                    direct.insert(here, (from.clone(), name.name.text.clone()));
                }
            }
        }
    }
    let mut reused = Reused::default();
    for ((interface, item), there) in &direct {
        let mut there = there;
        while let Some(next) = direct.get(there) {
            there = next;
        }
        let items = reused.entry(interface.clone()).or_default();
        items.insert(item.clone(), there.clone());
    }
    reused
}

/// Is this one of the packages that the table of moves is about?
pub fn is_wasi_package(name: &PackageName) -> bool {
    name.namespace.text == "wasi"
        && WASI_0_2
            .files
            .iter()
            .any(|file| file.package == name.name.text)
}

/// Is this a package of WASI or of one of its proposals, of which this is a copy?
pub fn is_of_others(name: &PackageName) -> bool {
    is_wasi_package(name)
        || name.namespace.text == "wasi" && crate::proposals::proposal(&name.name.text).is_some()
}
