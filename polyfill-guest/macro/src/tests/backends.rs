//! Both backends of `polyfill-guest` and of `compat-api` have the same items at their roots, whatever features are on.
//!
//! The sources say what is there under which features; `cargo metadata` says which features of `wit-bindgen` and `wasip3` a
//! feature of ours switches on.

use super::wasip3::metadata;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::{Attribute, Item, Meta, Token, UseTree, Visibility, punctuated::Punctuated};

const FEATURES: [&[&str]; 6] = [
    &[],
    &["macros", "std", "realloc"],
    &["async-spawn"],
    &["inter-task-wakeup"],
    &["futures-stream"],
    &["default"],
];

#[test]
fn polyfill_guest_has_the_same_items_on_both_backends() {
    let packages = Packages::new();
    for features in FEATURES {
        let default = packages.defaults("polyfill-guest", features.contains(&"default"));
        let with = |backend: &'static str| {
            let chosen = features.iter().filter(|feature| **feature != "default");
            let chosen = chosen.map(|feature| feature.to_string());
            let chosen = chosen.chain(default.iter().cloned());
            packages.switch_on("polyfill-guest", chosen.chain([backend.to_owned()]))
        };
        compare(
            &format!("polyfill-guest with {features:?}"),
            packages.split_bindgen(&with("isyswasfa")),
            packages.native_bindgen(&with("native")),
        );
    }
}

#[test]
fn compat_api_has_the_same_items_on_both_backends() {
    let packages = Packages::new();
    let sets: [&[&str]; 4] = [
        &[],
        &["async-spawn"],
        &["http-compat"],
        &["wit-bindgen-macros"],
    ];
    for features in sets {
        let with = |backend: &'static str| {
            let chosen = features.iter().map(|feature| feature.to_string());
            packages.switch_on("compat-api", chosen.chain([backend.to_owned()]))
        };
        let (split, native) = (with("isyswasfa"), with("native"));
        let what = format!("compat-api with {features:?}");
        let folder = packages.folder("compat-api").join("src");
        let is_own = items(&folder.join("native.rs"), on(&native, "compat-api"));
        assert!(is_own.contains("wit_bindgen"));
        compare(
            &format!("wit_bindgen of {what}"),
            packages.split_bindgen(&split),
            packages.native_bindgen(&native),
        );
        let split = items(&folder.join("isyswasfa.rs"), on(&split, "compat-api"));
        let mut theirs = items(&folder.join("native.rs"), on(&native, "compat-api"));
        let wasip3 = packages.folder("wasip3").join("src/lib.rs");
        theirs.extend(items(&wasip3, on(&native, "wasip3")));
        // What depends on features; all else is compared with `wasip3` item by item.
        let gated = ["spawn_local", "http_compat"];
        let only = |mut items: BTreeSet<String>| {
            items.retain(|item| gated.contains(&&**item));
            items
        };
        compare(&what, only(split), only(theirs));
    }
}

fn compare(what: &str, split: BTreeSet<String>, native: BTreeSet<String>) {
    let split_only: Vec<_> = split.difference(&native).collect();
    let native_only: Vec<_> = native.difference(&split).collect();
    assert!(
        split_only.is_empty() && native_only.is_empty(),
        "{what}: only on the backend `isyswasfa`: {split_only:?}, only on `native`: {native_only:?}"
    );
}

/// The features that are on, by package.
type On = BTreeMap<String, BTreeSet<String>>;

fn on<'a>(on: &'a On, package: &str) -> &'a BTreeSet<String> {
    static NONE: BTreeSet<String> = BTreeSet::new();
    on.get(package).unwrap_or(&NONE)
}

struct Packages(Value);

impl Packages {
    fn new() -> Self {
        Packages(metadata())
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let packages = self.0["packages"].as_array().expect("packages");
        packages.iter().find(|package| package["name"] == name)
    }

    fn folder(&self, name: &str) -> PathBuf {
        let package = self.get(name).expect("a package of that name");
        let manifest = package["manifest_path"].as_str().expect("its manifest");
        Path::new(manifest).parent().expect("its folder").to_owned()
    }

    /// The default features but for the backend, if `wanted`.
    fn defaults(&self, package: &str, wanted: bool) -> Vec<String> {
        let package = self.get(package).expect("a package of that name");
        let default = package["features"]["default"].as_array();
        let features = default.into_iter().flatten().filter_map(Value::as_str);
        let features = features.filter(|feature| wanted && *feature != "isyswasfa");
        features.map(str::to_owned).collect()
    }

    /// What Cargo switches on with these features of a package.
    fn switch_on(&self, package: &str, features: impl Iterator<Item = String>) -> On {
        let mut on = On::new();
        self.package(&mut on, package);
        for feature in features {
            self.feature(&mut on, package, &feature);
        }
        // Again for `package?/feature`, until the packages that are there are known.
        loop {
            let before = on.clone();
            for (package, features) in before.clone() {
                for feature in features {
                    self.follow(&mut on, &package, &feature);
                }
            }
            if on == before {
                return on;
            }
        }
    }

    fn package(&self, on: &mut On, name: &str) {
        let Some(package) = self.get(name).filter(|_| !on.contains_key(name)) else {
            return;
        };
        on.insert(name.to_owned(), BTreeSet::new());
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            if dependency["optional"] == false && dependency["kind"].is_null() {
                self.dependency(on, dependency);
            }
        }
    }

    fn dependency(&self, on: &mut On, dependency: &Value) {
        let name = dependency["name"].as_str().expect("a name");
        self.package(on, name);
        let features = dependency["features"].as_array().into_iter().flatten();
        let mut features: Vec<_> = features.filter_map(Value::as_str).collect();
        if dependency["uses_default_features"] == true {
            features.push("default");
        }
        for feature in features {
            self.feature(on, name, feature);
        }
    }

    fn feature(&self, on: &mut On, package: &str, feature: &str) {
        if on
            .entry(package.to_owned())
            .or_default()
            .insert(feature.to_owned())
        {
            self.follow(on, package, feature);
        }
    }

    fn follow(&self, on: &mut On, package: &str, feature: &str) {
        let Some(found) = self.get(package) else {
            return;
        };
        let dependency = |name: &str| {
            let mut all = found["dependencies"].as_array().into_iter().flatten();
            all.find(|it| it["name"] == name && it["kind"].is_null())
        };
        let entries = found["features"][feature].as_array().into_iter().flatten();
        for entry in entries.filter_map(Value::as_str) {
            if let Some(name) = entry.strip_prefix("dep:") {
                self.dependency(on, dependency(name).expect("a dependency"));
            } else if let Some((name, feature)) = entry.split_once("?/") {
                if on.contains_key(name) {
                    self.feature(on, name, feature);
                }
            } else if let Some((name, feature)) = entry.split_once('/') {
                self.dependency(on, dependency(name).expect("a dependency"));
                self.feature(on, name, feature);
            } else {
                self.feature(on, package, entry);
            }
        }
    }

    /// What `polyfill-guest` has on the split ABI.
    fn split_bindgen(&self, on: &On) -> BTreeSet<String> {
        let folder = self.folder("polyfill-guest").join("src");
        let features = self::on(on, "polyfill-guest");
        let mut all = items(&folder.join("isyswasfa.rs"), features);
        let runtime = folder.join("isyswasfa/rt/async_support/mod.rs");
        all.extend(methods(&runtime, features));
        all
    }

    /// What `polyfill-guest` has natively: what is in `wit-bindgen`, and what it adds.
    fn native_bindgen(&self, on: &On) -> BTreeSet<String> {
        let own = self.folder("polyfill-guest").join("src/native.rs");
        let folder = self.folder("wit-bindgen").join("src");
        let features = self::on(on, "wit-bindgen");
        let mut all = items(&folder.join("lib.rs"), features);
        all.extend(items(&own, self::on(on, "polyfill-guest")));
        all.extend(methods(&folder.join("rt/async_support.rs"), features));
        all
    }
}

/// The public items at the root of a crate, or of a backend.
fn items(file: &Path, features: &BTreeSet<String>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for item in parse(file) {
        let (attributes, visibility, name) = match &item {
            Item::Use(it) => (&it.attrs, &it.vis, None),
            Item::Mod(it) => (&it.attrs, &it.vis, Some(it.ident.to_string())),
            Item::Macro(it) => {
                let exported = it.attrs.iter().any(|it| it.path().is_ident("macro_export"));
                if exported && is_there(&it.attrs, features) {
                    names.extend(it.ident.as_ref().map(ToString::to_string));
                }
                continue;
            }
            _ => continue,
        };
        if !matches!(visibility, Visibility::Public(_)) || !is_there(attributes, features) {
            continue;
        }
        names.extend(name);
        if let Item::Use(it) = &item {
            used(&it.tree, &mut names);
        }
    }
    names
}

/// Modules of the runtime that only add methods, by their names.
fn methods(file: &Path, features: &BTreeSet<String>) -> BTreeSet<String> {
    let modules = parse(file).into_iter().filter_map(|item| match item {
        Item::Mod(it) if is_there(&it.attrs, features) => Some(it.ident.to_string()),
        _ => None,
    });
    let adds = modules.filter(|name| name == "futures_stream");
    adds.map(|name| format!("what `{name}` adds")).collect()
}

fn parse(file: &Path) -> Vec<Item> {
    let text = std::fs::read_to_string(file).expect("the source can be read");
    syn::parse_file(&text).expect("the source parses").items
}

fn used(tree: &UseTree, names: &mut BTreeSet<String>) {
    match tree {
        UseTree::Path(path) => used(&path.tree, names),
        UseTree::Name(name) => {
            names.insert(name.ident.to_string());
        }
        UseTree::Rename(rename) => {
            names.insert(rename.rename.to_string());
        }
        UseTree::Glob(_) => {}
        UseTree::Group(group) => group.items.iter().for_each(|tree| used(tree, names)),
    }
}

/// Whether what has these attributes is there, and not hidden from documentation.
fn is_there(attributes: &[Attribute], features: &BTreeSet<String>) -> bool {
    attributes.iter().all(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            holds(&list.parse_args().expect("a condition"), features)
        }
        Meta::List(list) if list.path.is_ident("doc") => list.tokens.to_string() != "hidden",
        _ => true,
    })
}

fn holds(condition: &Meta, features: &BTreeSet<String>) -> bool {
    let parts = |list: &syn::MetaList| {
        let parse = Punctuated::<Meta, Token![,]>::parse_terminated;
        let parts = list.parse_args_with(parse).expect("conditions");
        parts
            .into_iter()
            .map(|part| holds(&part, features))
            .collect::<Vec<_>>()
    };
    match condition {
        Meta::NameValue(pair) if pair.path.is_ident("feature") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(name),
                ..
            }) => features.contains(&name.value()),
            _ => panic!("a feature has a name"),
        },
        Meta::List(list) if list.path.is_ident("not") => !parts(list)[0],
        Meta::List(list) if list.path.is_ident("all") => parts(list).into_iter().all(|it| it),
        Meta::List(list) if list.path.is_ident("any") => parts(list).into_iter().any(|it| it),
        // `docsrs`, `test`, targets: not where a guest is built.
        _ => false,
    }
}
