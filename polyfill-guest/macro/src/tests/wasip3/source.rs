//! The source of a crate, module by module.

use super::paths::join;
use crate::generate::generate;
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeMap;
use std::path::Path;
use syn::Item;

/// A crate as a tree of modules, by their paths.
pub(super) struct Crate {
    pub(super) modules: BTreeMap<String, Vec<Item>>,
}

impl Crate {
    /// Reads the file `root` and all modules below it, whose folder is called `folder` (or is that of `lib.rs`).
    pub(super) fn read(root: &Path, folder: &str) -> Self {
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
                            let file = if flat.exists() {
                                flat
                            } else {
                                below.join(&name).join("mod.rs")
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
}

/// What `generate!` makes of the options, as it stands in `compat-api`.
fn expand(options: TokenStream) -> Vec<Item> {
    let code = generate(quote!(isyswasfa guest { #options })).expect("it expands");
    syn::parse2::<syn::File>(code).expect("it parses").items
}
