//! `compat-api` has on the split ABI what the crate `wasip3` has, with the same signatures.
//!
//! Both crates are read as source, what the macros in them expand to included, and all that can be reached from outside is
//! listed: by its path, with its signature. The two lists must be the same.

use crate::generate::generate;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Item, Signature, UseTree, Visibility};

/// What only one of the two has, with the reason.
const ACCEPTED: [(&str, &str); 3] = [
    (
        "pub use wit_bindgen",
        "`polyfill-guest` is in its place: under the same name, from another crate",
    ),
    (
        "http_compat::IncomingBody::contents",
        "ours is split into more modules, which need more of each other",
    ),
    ("pollable", "ours awaits the pollables of WASI 0.2 too"),
];

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

/// Where the sources of `wasip3` are.
fn wasip3() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.toml");
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version=1",
            "--offline",
            "--manifest-path",
        ])
        .arg(root)
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let package = packages.iter().find(|package| package["name"] == "wasip3");
    let manifest = package.and_then(|package| package["manifest_path"].as_str());
    let manifest = Path::new(manifest.expect("`wasip3` is a dependency"));
    manifest.parent().expect("its folder").to_owned()
}

/// A crate as a tree of modules, by their paths.
struct Crate {
    modules: BTreeMap<String, Vec<Item>>,
}

impl Crate {
    /// Reads the file `root` and all modules below it, whose folder is called `folder` (or is that of `lib.rs`).
    fn read(root: &Path, folder: &str) -> Self {
        let mut this = Self {
            modules: BTreeMap::new(),
        };
        let parent = root.parent().expect("a folder");
        let below = match folder {
            "lib" => parent.to_owned(),
            folder => parent.join(folder),
        };
        this.file("", root, &below);
        this
    }

    fn file(&mut self, path: &str, file: &Path, below: &Path) {
        let text = std::fs::read_to_string(file).expect("the source can be read");
        let items = syn::parse_file(&text).expect("the source parses").items;
        self.module(path, items, below);
    }

    fn module(&mut self, path: &str, items: Vec<Item>, below: &Path) {
        let mut own = Vec::new();
        for item in items {
            match item {
                Item::Mod(mut module) => {
                    let name = module.ident.to_string();
                    let inner = join(path, &name);
                    match module.content.take() {
                        Some((_, items)) => self.module(&inner, items, &below.join(&name)),
                        None => {
                            let flat = below.join(format!("{name}.rs"));
                            let file = match flat.exists() {
                                true => flat,
                                false => below.join(&name).join("mod.rs"),
                            };
                            self.file(&inner, &file, &below.join(&name));
                        }
                    }
                    own.push(Item::Mod(module));
                }
                Item::Macro(call)
                    if call
                        .mac
                        .path
                        .segments
                        .last()
                        .is_some_and(|it| it.ident == "generate") =>
                {
                    let expanded = expand(call.mac.tokens);
                    self.module(path, expanded, below);
                    own.extend(self.modules.remove(path).unwrap_or_default());
                }
                item => own.push(item),
            }
        }
        self.modules.insert(path.to_owned(), own);
    }

    /// All that can be reached from outside.
    fn listed(&self) -> BTreeSet<String> {
        let mut list = BTreeSet::new();
        self.list("", "", &mut list, &mut BTreeSet::new());
        list
    }

    /// Lists what is public in the module at `place`, as if it were at `path`.
    fn list(
        &self,
        place: &str,
        path: &str,
        list: &mut BTreeSet<String>,
        seen: &mut BTreeSet<(String, String)>,
    ) {
        let Some(items) = self.modules.get(place) else {
            list.insert(format!("pub use {path}"));
            return;
        };
        if !seen.insert((place.to_owned(), path.to_owned())) {
            return;
        }
        for item in items {
            if let Item::Use(uses) = item {
                if is_public(&uses.vis) && !is_hidden(&uses.attrs) {
                    self.list_use(place, path, &uses.tree, "", list, seen);
                }
            } else if let Some(name) = public_name(item) {
                self.list_item(place, &name, item, &join(path, &name), list, seen);
            }
        }
    }

    fn list_item(
        &self,
        place: &str,
        name: &str,
        item: &Item,
        path: &str,
        list: &mut BTreeSet<String>,
        seen: &mut BTreeSet<(String, String)>,
    ) {
        match item {
            Item::Mod(_) => self.list(&join(place, name), path, list, seen),
            item => {
                list.extend(described(item, path));
                list.extend(self.implemented(place, name, path));
            }
        }
    }

    /// `pub use`, of which `prefix` has been read.
    fn list_use(
        &self,
        place: &str,
        path: &str,
        tree: &UseTree,
        prefix: &str,
        list: &mut BTreeSet<String>,
        seen: &mut BTreeSet<(String, String)>,
    ) {
        match tree {
            UseTree::Path(tree) => {
                let prefix = join(prefix, &tree.ident.to_string());
                self.list_use(place, path, &tree.tree, &prefix, list, seen);
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.list_use(place, path, tree, prefix, list, seen);
                }
            }
            UseTree::Glob(_) => self.list(&resolve(place, prefix), path, list, seen),
            UseTree::Name(name) => {
                let name = name.ident.to_string();
                self.list_renamed(place, path, prefix, &name, &name, list, seen);
            }
            UseTree::Rename(rename) => {
                let (name, new) = (rename.ident.to_string(), rename.rename.to_string());
                self.list_renamed(place, path, prefix, &name, &new, list, seen);
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "two names, two places, and what all have"
    )]
    fn list_renamed(
        &self,
        place: &str,
        path: &str,
        prefix: &str,
        name: &str,
        new: &str,
        list: &mut BTreeSet<String>,
        seen: &mut BTreeSet<(String, String)>,
    ) {
        let from = resolve(place, prefix);
        let path = join(path, new);
        let module = join(&from, name);
        if self.modules.contains_key(&module) {
            return self.list(&module, &path, list, seen);
        }
        let items = self.modules.get(&from).into_iter().flatten();
        let found: Vec<_> = items
            .filter(|item| public_name(item).as_deref() == Some(name))
            .collect();
        for item in &found {
            self.list_item(&from, name, item, &path, list, seen);
        }
        if !found.is_empty() {
            return;
        }
        match self.reexport(&from, name) {
            Some((place, name)) => {
                for item in self.modules[&place].iter() {
                    if public_name(item).as_deref() == Some(&name) {
                        self.list_item(&place, &name, item, &path, list, seen);
                    }
                }
            }
            // From another crate, or a macro, which has no place in a module.
            None if new == "export" => {
                list.insert(format!("macro {path}"));
            }
            None => {
                list.insert(format!("pub use {path}"));
            }
        }
    }

    /// Where a name that a module re-exports is defined.
    fn reexport(&self, place: &str, name: &str) -> Option<(String, String)> {
        for item in self.modules.get(place)? {
            let Item::Use(uses) = item else { continue };
            let mut found = None;
            leaves(&uses.tree, "", &mut |prefix, own| {
                let from = resolve(place, prefix);
                let here = own == name || own == "*";
                let defined = self.modules.get(&from).is_some_and(|items| {
                    items
                        .iter()
                        .any(|item| public_name(item).as_deref() == Some(name))
                });
                if here && defined {
                    found = Some((from, name.to_owned()));
                }
            });
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// What the type `name`, defined at `place`, has and is, wherever below it that is written.
    fn implemented(&self, place: &str, name: &str, path: &str) -> Vec<String> {
        let mut all = Vec::new();
        let near = self.modules.iter().filter(|(own, _)| {
            *own == place
                || place.starts_with(own.as_str()) && own.starts_with("http_compat")
                || own.starts_with(&format!("{place}::"))
        });
        for item in near.flat_map(|(_, items)| items) {
            let Item::Impl(implementation) = item else {
                continue;
            };
            if last(&implementation.self_ty) != name {
                continue;
            }
            match &implementation.trait_ {
                Some((_, of, _)) => {
                    let of = of.segments.last().expect("a name").ident.to_string();
                    // The others are the generator's own affair.
                    if [
                        "Debug",
                        "Display",
                        "Error",
                        "Clone",
                        "Copy",
                        "Default",
                        "From",
                        "Drop",
                        "Body",
                        "IncomingMessage",
                    ]
                    .contains(&of.as_str())
                    {
                        all.push(format!("impl {of} for {path}"));
                    }
                }
                None => {
                    for item in &implementation.items {
                        if let syn::ImplItem::Fn(function) = item
                            && is_public(&function.vis)
                            && !is_hidden(&function.attrs)
                        {
                            let path = join(path, &function.sig.ident.to_string());
                            all.push(format!("fn {path} {}", signature(&function.sig)));
                        }
                    }
                }
            }
        }
        all
    }
}

/// What `generate!` makes of the options, as it stands in `compat-api`.
fn expand(options: TokenStream) -> Vec<Item> {
    let wit = format!("{}/../../wit/", env!("CARGO_MANIFEST_DIR"));
    let options: TokenStream = options
        .to_string()
        .replace("../wit/", &wit)
        .parse()
        .expect("tokens");
    let code = generate(quote!(isyswasfa guest { #options })).expect("it expands");
    syn::parse2::<syn::File>(code).expect("it parses").items
}

fn join(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}::{name}"),
    }
}

/// The module that a path in a `use` names. `crate::isyswasfa` is the crate itself: the other backend is not looked at.
fn resolve(place: &str, prefix: &str) -> String {
    let mut at = place.to_owned();
    for part in prefix.split("::") {
        at = match part {
            "" | "self" => at,
            "crate" | "isyswasfa" => String::new(),
            "super" => at
                .rsplit_once("::")
                .map(|(parent, _)| parent.to_owned())
                .unwrap_or_default(),
            name => join(&at, name),
        };
    }
    at
}

/// All names in a `use`, each with what is in front of it; `*` for all.
fn leaves(tree: &UseTree, prefix: &str, found: &mut dyn FnMut(&str, &str)) {
    match tree {
        UseTree::Path(tree) => leaves(&tree.tree, &join(prefix, &tree.ident.to_string()), found),
        UseTree::Group(group) => group
            .items
            .iter()
            .for_each(|tree| leaves(tree, prefix, found)),
        UseTree::Glob(_) => found(prefix, "*"),
        UseTree::Name(name) => found(prefix, &name.ident.to_string()),
        UseTree::Rename(rename) => found(prefix, &rename.rename.to_string()),
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|it| it.path().is_ident("doc") && it.to_token_stream().to_string().contains("hidden"))
}

/// The name of an item that is there for all.
fn public_name(item: &Item) -> Option<String> {
    let (visibility, attributes, name) = match item {
        Item::Mod(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Fn(it) => (&it.vis, &it.attrs, &it.sig.ident),
        Item::Struct(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Enum(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Trait(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Type(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Const(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Static(it) => (&it.vis, &it.attrs, &it.ident),
        _ => return None,
    };
    (is_public(visibility) && !is_hidden(attributes)).then(|| name.to_string())
}

/// The lines for an item itself.
fn described(item: &Item, path: &str) -> Vec<String> {
    let derived = |attributes: &[Attribute]| {
        let mut lines = Vec::new();
        for attribute in attributes.iter().filter(|it| it.path().is_ident("derive")) {
            let _ = attribute.parse_nested_meta(|meta| {
                lines.push(format!(
                    "impl {} for {path}",
                    meta.path.segments.last().expect("a name").ident
                ));
                Ok(())
            });
        }
        lines
    };
    match item {
        Item::Fn(it) => vec![format!("fn {path} {}", signature(&it.sig))],
        Item::Struct(it) => {
            let mut lines = derived(&it.attrs);
            lines.push(format!("struct {path} {}", short(&it.generics)));
            for (at, field) in it.fields.iter().enumerate() {
                if is_public(&field.vis) {
                    let name = field
                        .ident
                        .as_ref()
                        .map_or(at.to_string(), ToString::to_string);
                    lines.push(format!("field {path}::{name} {}", short(&field.ty)));
                }
            }
            lines
        }
        Item::Enum(it) => {
            let mut lines = derived(&it.attrs);
            for variant in &it.variants {
                let fields = short(&variant.fields);
                lines.push(format!("variant {path}::{} {fields}", variant.ident));
            }
            lines
        }
        Item::Trait(it) => {
            let mut lines = vec![format!(
                "trait {path} {} : {}",
                short(&it.generics),
                short(&it.supertraits)
            )];
            for item in &it.items {
                match item {
                    syn::TraitItem::Fn(it) if !is_hidden(&it.attrs) => {
                        lines.push(format!(
                            "fn {path}::{} {}",
                            it.sig.ident,
                            signature(&it.sig)
                        ));
                    }
                    syn::TraitItem::Type(it) => lines.push(format!("type {path}::{}", it.ident)),
                    _ => {}
                }
            }
            lines
        }
        Item::Type(it) => vec![format!(
            "type {path} {} = {}",
            short(&it.generics),
            short(&it.ty)
        )],
        _ => vec![format!("item {path}")],
    }
}

/// A signature without the names of its parameters.
fn signature(signature: &Signature) -> String {
    let inputs = signature.inputs.iter().map(|input| match input {
        syn::FnArg::Receiver(receiver) => match &receiver.kind {
            _ if receiver
                .ty
                .to_token_stream()
                .to_string()
                .starts_with("& mut") =>
            {
                "&mut self".into()
            }
            _ if receiver.ty.to_token_stream().to_string().starts_with('&') => "&self".into(),
            _ => "self".into(),
        },
        syn::FnArg::Typed(typed) => short(&typed.ty),
    });
    let inputs = inputs.collect::<Vec<_>>().join(", ");
    let asynchronous = if signature.asyncness.is_some() {
        "async "
    } else {
        ""
    };
    let generics = short(&signature.generics);
    let bounds = signature
        .generics
        .where_clause
        .as_ref()
        .map(short)
        .unwrap_or_default();
    let output = short(&signature.output);
    format!("{asynchronous}{generics} ({inputs}) {output} {bounds}")
}

/// Tokens with every path cut down to its last name: where a type is defined is not what is compared.
fn short<T: ToTokens>(tokens: &T) -> String {
    struct Shorten;
    impl VisitMut for Shorten {
        fn visit_path_mut(&mut self, path: &mut syn::Path) {
            syn::visit_mut::visit_path_mut(self, path);
            path.leading_colon = None;
            let last = path.segments.pop().expect("a name").into_value();
            path.segments.clear();
            path.segments.push(last);
        }
    }
    let tokens = tokens.to_token_stream();
    if let Ok(mut ty) = syn::parse2::<syn::Type>(tokens.clone()) {
        Shorten.visit_type_mut(&mut ty);
        return clean(ty.to_token_stream());
    }
    if let Ok(mut output) = syn::parse2::<syn::ReturnType>(tokens.clone()) {
        Shorten.visit_return_type_mut(&mut output);
        return clean(output.to_token_stream());
    }
    // Whatever else: by hand, name by name.
    clean(tokens)
}

/// Without trailing commas and paths' beginnings.
fn clean(tokens: TokenStream) -> String {
    let text = tokens.to_string();
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut kept: Vec<&str> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).copied().unwrap_or_default();
        match *word {
            "::" => {
                kept.pop_if(|before| before.chars().all(|c| c.is_alphanumeric() || c == '_'));
            }
            "," if [")", ">", "}", ""].contains(&next) => {}
            word => kept.push(word),
        }
    }
    kept.join(" ")
}

fn last(ty: &syn::Type) -> String {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().expect("a name").ident.to_string(),
        _ => String::new(),
    }
}
