//! Bindings that the program generates itself, with `wit_bindgen::generate!` or cargo-component: their paths lead to the facade too.
//!
//! What is generated for interfaces of WASI goes. What is generated for interfaces of the program's own stays: the world then exports only those.

mod world;

use super::changes::Changes;
use super::emit::line_end;
use super::lower::{Scope, segments};
use super::methods::{Of, trait_of};
use super::paths::FACADE;
use super::resolve::Space;
use super::tree::{Def, ModId, Program, address};
use super::types::Ty;
use crate::edit::whole_lines;
use crate::finding::Finding;
use crate::source::{Kind, Source};
use proc_macro2::TokenTree;
use rustc_hash::FxHashMap;
use syn::visit::{self, Visit};
use syn::{ItemMacro, ItemMod, ItemUse, UseTree};
use world::{Told, World, of_file, told, world};

/// The modules of a program with bindings of WASI 0.2.
pub struct Generated {
    worlds: FxHashMap<ModId, World>,
    /// Where the macros are: the module, and the macro's address.
    macros: FxHashMap<usize, ModId>,
    told: FxHashMap<ModId, Told>,
}

impl Generated {
    /// Finds them. An error is the finding that keeps the packages from moving.
    #[expect(
        clippy::result_large_err,
        reason = "it ends the step, and is made once"
    )]
    pub fn of(program: &Program) -> Result<Self, (usize, Finding)> {
        let mut generated = Self {
            worlds: FxHashMap::default(),
            macros: FxHashMap::default(),
            told: FxHashMap::default(),
        };
        for module in 0..program.modules.len() {
            let found = &program.modules[module];
            if !found.has_bindings {
                continue;
            }
            let package = &program.packages[found.package];
            let Some(parsed) = &program.files[found.file] else {
                continue;
            };
            if parsed.is_generated {
                let world = of_file(&parsed.text, &parsed.tree.items);
                if world.has_own && !world.exports.is_empty() {
                    let finding = Finding::new(
                        0..0,
                        "bindings in a file, of a world that exports interfaces of WASI 0.2 beside the program's own",
                    );
                    let finding = finding.help("nothing has moved; take WASI's exports out of the world and generate the file again, or use `wit_bindgen::generate!`");
                    return Err((
                        found.file,
                        Finding {
                            rule: "generated-bindings",
                            ..finding
                        },
                    ));
                }
                if world.is_0_2 {
                    generated.worlds.insert(module, world);
                }
                continue;
            }
            let Some(item) = found.generate else { continue };
            let told = told(item.mac.tokens.clone());
            match world(&package.folder, &told) {
                Ok(World {
                    is_0_2: true,
                    shares: Some(interface),
                    ..
                }) => {
                    let finding = Finding::new(
                        parsed.range(&item.mac.path),
                        format!(
                            "`{interface}` has types of WASI 0.2, which bindings of 0.2 and the facade don't share"
                        ),
                    );
                    let finding = finding.help("nothing has moved; take the WIT to 0.3 first (`rewrite --unsafe wit`), or move the interface to a crate of its own");
                    return Err((
                        found.file,
                        Finding {
                            rule: "generated-bindings",
                            ..finding
                        },
                    ));
                }
                Ok(world) if world.is_0_2 => {
                    generated.worlds.insert(module, world);
                    generated.macros.insert(address(item), module);
                    generated.told.insert(module, told);
                }
                Ok(_) => {}
                Err(problem) if mentions_wasi(program, module) => {
                    let finding = Finding::new(
                        parsed.range(&item.mac.path),
                        format!("the WIT of these bindings could not be read: {problem}"),
                    );
                    let finding = finding.help(
                        "its package is left as it is; make `cargo check` find the WIT first",
                    );
                    return Err((
                        found.file,
                        Finding {
                            rule: "generated-bindings",
                            ..finding
                        },
                    ));
                }
                Err(_) => {}
            }
        }
        Ok(generated)
    }

    /// An implementation for a type of these bindings, which is the program's own type before and the facade's afterwards.
    pub fn own_impl(&self, program: &Program) -> Option<(usize, Finding)> {
        if self.worlds.is_empty() {
            return None;
        }
        for (module, item) in &program.impls {
            let mut scope = Scope::default();
            program.parameters(*module, &item.generics, &mut scope);
            let package = program.modules[*module].package;
            let is_here = self
                .worlds
                .keys()
                .any(|bindings| program.modules[*bindings].package == package);
            let Ty::Wasi(name) = program.lower(*module, &item.self_ty, &scope) else {
                continue;
            };
            let file = program.modules[*module].file;
            let of = item
                .trait_
                .as_ref()
                .map(|(path, _)| trait_of(program, *module, path));
            if !is_here || matches!(of, Some(Of::Own(_))) {
                continue;
            }
            let Some(parsed) = &program.files[file] else {
                continue;
            };
            let what = match of {
                Some(Of::Other(of)) => format!("the trait `{of}`"),
                _ => "methods".to_owned(),
            };
            let finding = Finding::new(
                parsed.range(&*item.self_ty),
                format!("{what} for `{name}`, which is a type of another crate in the facade"),
            );
            let finding = finding.help("nothing has moved; put the type into a struct of your own, or the methods into a trait of your own, and rewrite again");
            return Some((
                file,
                Finding {
                    rule: "generated-bindings",
                    ..finding
                },
            ));
        }
        None
    }

    pub fn has(&self, module: ModId) -> bool {
        self.worlds.contains_key(&module)
    }

    pub fn is_empty(&self) -> bool {
        self.worlds.is_empty()
    }

    /// Changes the paths, the macros and the WIT. Returns how many paths there are.
    pub fn change(&self, program: &Program, sources: &[Source], changes: &mut [Changes]) -> usize {
        let mut count = 0;
        for module in 0..program.modules.len() {
            let found = &program.modules[module];
            let Some(parsed) = &program.files[found.file] else {
                continue;
            };
            if parsed.is_generated || found.is_block {
                continue;
            }
            let Some(items) = program.items_of(module) else {
                continue;
            };
            let mut walk = Paths {
                program,
                generated: self,
                module,
                parsed,
                changes: &mut changes[found.file],
                count: 0,
            };
            items.iter().for_each(|item| walk.visit_item(item));
            count += walk.count;
        }
        for (module, world) in &self.worlds {
            if world.has_own && !world.exports.is_empty() {
                self.unexport(program, *module, world, sources, changes);
            }
        }
        count
    }

    /// Takes WASI's exports out of a world that has others.
    fn unexport(
        &self,
        program: &Program,
        module: ModId,
        world: &World,
        sources: &[Source],
        changes: &mut [Changes],
    ) {
        let found = &program.modules[module];
        let Some(told) = self.told.get(&module) else {
            return;
        };
        if let (Some(span), Some(parsed)) = (told.inline_at, &program.files[found.file]) {
            let range = parsed.places.of_ends((span, span));
            for part in exports_in(&parsed.text[range.clone()], world) {
                changes[found.file].replace(range.start + part.start..range.start + part.end, "");
            }
            return;
        }
        let folder = &program.packages[found.package].folder;
        for (index, source) in sources.iter().enumerate() {
            let is_dependency = source
                .path
                .components()
                .any(|part| part.as_os_str() == "deps");
            if source.kind == Kind::Wit && source.path.starts_with(folder) && !is_dependency {
                for part in exports_in(&source.text, world) {
                    changes[index].replace(part, "");
                }
            }
        }
    }
}

/// The lines that export what the facade exports.
fn exports_in(text: &str, world: &World) -> Vec<std::ops::Range<usize>> {
    let mut found = Vec::new();
    for export in &world.exports {
        let included = if export == "wasi:cli/run" {
            "include wasi:cli/command"
        } else {
            "include wasi:http/proxy"
        };
        for wanted in [format!("export {export}"), included.to_owned()] {
            for (at, _) in text.match_indices(&wanted) {
                if let Some(length) = text[at..].find(';') {
                    found.push(whole_lines(text, at..at + length + 1));
                }
            }
        }
    }
    found
}

/// Whether something of the package names WASI's bindings by a path.
fn mentions_wasi(program: &Program, module: ModId) -> bool {
    let package = program.modules[module].package;
    let files = program
        .modules
        .iter()
        .filter(|other| other.package == package)
        .map(|other| other.file);
    files
        .filter_map(|file| program.files[file].as_ref())
        .any(|parsed| parsed.text.contains("wasi::"))
}

/// The paths of one module.
struct Paths<'a, 'b> {
    program: &'b Program<'a>,
    generated: &'b Generated,
    module: ModId,
    parsed: &'a super::parsed::Parsed,
    changes: &'b mut Changes,
    count: usize,
}

impl Paths<'_, '_> {
    /// How many segments lead to the bindings' `wasi`, and what takes their place.
    fn lead(&self, names: &[String]) -> Option<(usize, String)> {
        for end in 1..=names.len() {
            if names[end - 1] != "wasi" {
                continue;
            }
            let exported = end >= 2 && names[end - 2] == "exports";
            let holder = &names[..end - 1 - usize::from(exported)];
            let module = match holder {
                [] => self.program.around(self.module),
                holder => match self.program.resolve(self.module, holder, Space::Type) {
                    Some((Def::Mod(module), used)) if used == holder.len() => module,
                    _ => continue,
                },
            };
            if self.generated.worlds.contains_key(&module)
                && !self.program.modules[module].names.contains_key("wasi")
            {
                let facade = if exported {
                    format!("{FACADE}::exports")
                } else {
                    FACADE.to_owned()
                };
                return Some((end, facade));
            }
        }
        None
    }

    /// The parts of a `use` that lead to the bindings, as new paths, and the others, as they are.
    fn split(
        &self,
        tree: &UseTree,
        prefix: &mut Vec<String>,
        moved: &mut Vec<String>,
        kept: &mut Vec<String>,
    ) {
        let text = |tree: &UseTree| self.parsed.text[self.parsed.range(tree)].to_owned();
        match tree {
            UseTree::Path(found) => {
                prefix.push(found.ident.to_string());
                match self.lead(prefix) {
                    Some((end, facade)) if end == prefix.len() => {
                        moved.push(format!("{facade}::{}", text(&found.tree)))
                    }
                    _ => self.split(&found.tree, prefix, moved, kept),
                }
                prefix.pop();
            }
            UseTree::Group(found) => found
                .items
                .iter()
                .for_each(|tree| self.split(tree, prefix, moved, kept)),
            other => {
                let before = prefix
                    .iter()
                    .map(|name| format!("{name}::"))
                    .collect::<String>();
                kept.push(before + &text(other));
            }
        }
    }

    /// The bindings that `export!` exports from.
    fn exporter(&self, path: &syn::Path) -> Option<&World> {
        let names = segments(path);
        let (last, holder) = names.split_last()?;
        if last != "export" {
            return None;
        }
        if holder.is_empty() {
            let own = self.generated.worlds.get(&self.program.around(self.module));
            return own.or_else(|| {
                (self.generated.worlds.len() == 1).then(|| self.generated.worlds.values().next())?
            });
        }
        match self.program.resolve(self.module, holder, Space::Type) {
            Some((Def::Mod(module), _)) => self.generated.worlds.get(&module),
            _ => None,
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_, '_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let (mut moved, mut kept) = (Vec::new(), Vec::new());
        self.split(&item.tree, &mut Vec::new(), &mut moved, &mut kept);
        if moved.is_empty() {
            return;
        }
        self.count += moved.len();
        let first = self.parsed.range(&item.use_token);
        let whole = first.start..self.parsed.range(&item.semi_token).end;
        let before = match &item.vis {
            syn::Visibility::Inherited => String::new(),
            visibility => self.parsed.text[self.parsed.range(visibility)].to_owned() + " ",
        };
        let all: Vec<_> = moved
            .into_iter()
            .chain(kept)
            .map(|path| format!("use {path};"))
            .collect();
        let line = self.parsed.text[..first.start]
            .rfind('\n')
            .map_or(0, |at| at + 1);
        let indent: String = self.parsed.text[line..]
            .chars()
            .take_while(|c| c.is_whitespace() && *c != '\n')
            .collect();
        let between = format!("{}{indent}{before}", line_end(&self.parsed.text));
        self.changes.replace(whole, &all.join(&between));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if let Some((end, facade)) = self.lead(&segments(path)) {
            let first = self.parsed.range(&path.segments[0].ident);
            let last = self
                .parsed
                .range(&path.segments[end - 1 - usize::from(path.leading_colon.is_some())].ident);
            self.count += 1;
            self.changes.replace(first.start..last.end, &facade);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        let parsed = self.parsed;
        for argument in parsed.arguments(found).unwrap_or_default() {
            self.visit_expr(argument);
        }
    }

    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        if let Some(module) = self.generated.macros.get(&address(item)) {
            let world = &self.generated.worlds[module];
            if !world.has_own {
                let range = whole_lines(&self.parsed.text, self.parsed.range(item));
                self.changes.replace(range, "");
            }
            return;
        }
        let Some(world) = self.exporter(&item.mac.path) else {
            return self.visit_macro(&item.mac);
        };
        let Some(TokenTree::Ident(ty)) = item.mac.tokens.clone().into_iter().next() else {
            return;
        };
        let macros = world.exports.iter().map(|export| match export.as_str() {
            "wasi:cli/run" => format!("{FACADE}::cli::command::export!({ty});"),
            _ => format!("{FACADE}::http::proxy::export!({ty});"),
        });
        let mut all: Vec<String> = macros.collect();
        let range = self.parsed.range(item);
        if world.has_own {
            all.push(self.parsed.text[range.clone()].to_owned());
        }
        self.changes
            .replace(range, &all.join(line_end(&self.parsed.text)));
    }

    // Modules are visited on their own.
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let named = self
            .program
            .resolve(self.module, &[item.ident.to_string()], Space::Type);
        if let (None, Some((Def::Mod(module), _))) = (&item.content, named)
            && self
                .generated
                .worlds
                .get(&module)
                .is_some_and(|world| !world.has_own)
            && self.program.files[self.program.modules[module].file]
                .as_ref()
                .is_some_and(|parsed| parsed.is_generated)
        {
            let range = whole_lines(&self.parsed.text, self.parsed.range(item));
            self.changes.replace(range, "");
        }
    }
}
