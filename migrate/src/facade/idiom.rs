//! The second step for code on the facade: what is still the API of 0.2 is found by names and types of the whole program, and becomes that of 0.3 where the
//! rules are sure.
//!
//! The rules of `rules/program` look at the program and enter into a [`Plan`] what they find and what paths become. The plan turns that into edits: a name that
//! a `use` brings in moves with the `use` if nothing else needs it. All edits of one round belong together, so that the program compiles after them.

mod mentions;
mod plan;
mod same;
mod uses;

pub use mentions::{Leaf, Mention};
pub use plan::{Conversion, Plan};
pub use same::{is_same, same};

use super::facts::Facts;
use super::generated::Generated;
use super::infer::Walker;
use super::methods::Methods;
use super::parsed::Parsed;
use super::tree::{Program, by_path, normalized};
use super::{packages, setup};
use crate::engine::{Options, is_about_programs};
use crate::finding::Finding;
use crate::rules::{Check, RULES, rule};
use crate::source::{Kind, Source};
use crate::{allow, rust, stack};
use memchr::memmem;

/// The program that the rules look at.
pub struct ProgramContext<'a> {
    pub sources: &'a [Source],
    /// By file.
    on_facade: &'a [bool],
    pub(super) facts: &'a Facts,
    pub(super) files: &'a [Option<Parsed>],
    pub mentions: &'a [Mention],
    pub leaves: &'a [Leaf],
}

/// A call of something that 0.2 has.
pub struct Call<'a> {
    pub file: usize,
    pub range: &'a std::ops::Range<usize>,
    /// The function's path, or the method's name.
    pub name: &'a std::ops::Range<usize>,
    /// `wasi:io/streams.input-stream.read`
    pub item: &'a str,
}

impl<'a> ProgramContext<'a> {
    /// The syntax tree of a file. `None` if it is not Rust.
    pub fn tree(&self, file: usize) -> Option<&'a syn::File> {
        self.files[file].as_ref().map(|parsed| &parsed.tree)
    }

    /// The expressions in the arguments of a macro.
    pub fn macro_arguments(&self, file: usize, of: &syn::Macro) -> &'a [syn::Expr] {
        let parsed = self.files[file].as_ref();
        parsed
            .and_then(|parsed| parsed.arguments(of))
            .unwrap_or_default()
    }

    pub fn expr(&self, file: usize, expr: &syn::Expr) -> std::ops::Range<usize> {
        self.files[file]
            .as_ref()
            .map_or(0..0, |parsed| parsed.expr(expr))
    }

    pub fn range(&self, file: usize, of: &impl syn::spanned::Spanned) -> std::ops::Range<usize> {
        self.files[file]
            .as_ref()
            .map_or(0..0, |parsed| parsed.range(of))
    }

    /// The path into the facade that begins at this place.
    pub fn mention(&self, file: usize, start: usize) -> Option<usize> {
        self.mentions
            .iter()
            .position(|mention| mention.file == file && mention.range.start == start)
    }

    /// Calls of functions and methods of 0.2, each once.
    pub fn calls(&self) -> Vec<Call<'_>> {
        let mut seen = rustc_hash::FxHashSet::default();
        let uses = self.facts.uses.iter();
        uses.filter(|found| seen.insert((found.file, found.range.start, found.range.end)))
            .map(|found| Call {
                file: found.file,
                range: &found.range,
                name: &found.name,
                item: &found.item,
            })
            .collect()
    }

    /// Whether a file's package has left the bindings of 0.2.
    pub fn is_on_facade(&self, file: usize) -> bool {
        self.on_facade[file]
    }

    /// Whether a file below the folder has a path into the facade.
    pub fn has_paths(&self, folder: &std::path::Path) -> bool {
        let is_in = |file: usize| self.sources[file].path.starts_with(folder);
        self.leaves.iter().any(|leaf| is_in(leaf.file))
            || self.mentions.iter().any(|mention| is_in(mention.file))
            || self.sources.iter().any(|source| {
                source.kind == Kind::Rust
                    && source.path.starts_with(folder)
                    && source.text.contains("p2::")
            })
    }
}

/// Whether a program can be on the facade.
pub fn is_concerned(sources: &[Source]) -> bool {
    sources.iter().any(|source| {
        let has = |word: &str| memmem::find(source.text.as_bytes(), word.as_bytes()).is_some();
        match source.kind {
            Kind::Rust => has("compat_api") && has("p2"),
            Kind::Cargo => has("compat-api") && has("\"p2\""),
            _ => false,
        }
    })
}

/// The findings of the rules about whole programs, by source. A program that can't be read has none: its files are reported one by one.
pub fn check(sources: &[Source], options: &Options) -> Vec<Vec<Finding>> {
    let nothing = || sources.iter().map(|_| Vec::new()).collect();
    if !is_concerned(sources) {
        return nothing();
    }
    with_program(sources, |context| {
        let mut denied = Vec::new();
        loop {
            let mut plan = Plan::default();
            for rule in RULES.iter().filter(|rule| options.wants(rule)) {
                if let Check::Program(check) = rule.check {
                    plan.begin(rule.name);
                    check(context, &mut plan);
                }
            }
            let found = plan.findings(context, &denied);
            let (left, silenced) = allowed(sources, &found);
            // What is silenced stays, and so does all that would change with it.
            let before = denied.len();
            denied.extend(
                silenced
                    .into_iter()
                    .filter(|place| !denied.contains(place))
                    .collect::<Vec<_>>(),
            );
            if denied.len() == before {
                return left;
            }
        }
    })
    .unwrap_or_else(nothing)
}

type Place = (usize, std::ops::Range<usize>);

/// The findings without those that comments allow, and the places of these.
fn allowed(sources: &[Source], found: &[Vec<Finding>]) -> (Vec<Vec<Finding>>, Vec<Place>) {
    let mut silenced = Vec::new();
    let left = sources.iter().zip(found).enumerate();
    let left = left
        .map(|(file, (source, findings))| {
            let left = allow::filter(
                &source.text,
                findings.clone(),
                |name| rule(name).is_some(),
                is_about_programs,
            );
            let gone = findings
                .iter()
                .filter(|finding| finding.fix.is_some() && !left.contains(finding));
            silenced.extend(gone.map(|finding| (file, finding.range.clone())));
            left
        })
        .collect();
    (left, silenced)
}

/// How many calls of functions and methods of 0.2 there are, whatever bindings they go to, and how many of them are the same in 0.3.
pub fn calls(sources: &[Source]) -> usize {
    let counted = with_program(sources, |context| {
        let calls = context.calls();
        calls
            .iter()
            .filter(|call| !same::is_same(call.item))
            .count()
    });
    counted.unwrap_or(0)
}

/// Runs `look` on the program of these sources. `None` if a file doesn't parse.
fn with_program<R: Send>(
    sources: &[Source],
    look: impl FnOnce(&ProgramContext) -> R + Send,
) -> Option<R> {
    let mut levels = 0;
    for source in sources.iter().filter(|source| source.kind == Kind::Rust) {
        levels = levels.max(rust::levels(&source.text).ok()?);
    }
    let result = stack::with(levels.saturating_mul(2), || {
        let found = stack::guarded(|| looked(sources, look));
        proc_macro2::extra::invalidate_current_thread_spans();
        found
    });
    result.and_then(|result| result).ok()?
}

fn looked<R>(sources: &[Source], look: impl FnOnce(&ProgramContext) -> R) -> Option<R> {
    let (packages, of) = packages::packages(sources);
    let mut files: Vec<Option<Parsed>> = Vec::new();
    for source in sources {
        files.push(match source.kind {
            Kind::Rust => Some(Parsed::new(normalized(&source.path), &source.text).ok()?),
            _ => None,
        });
    }
    let by_path = by_path(&files);
    let mut program = Program::new(&packages, &of, &files, &by_path);
    let generated = Generated::of(&program);
    for (module, found) in program.modules.iter_mut().enumerate() {
        found.has_bindings &= generated
            .as_ref()
            .is_ok_and(|generated| generated.has(module));
    }
    let methods = Methods::of(&program);
    let mut facts = setup::facts(&program, &methods);
    for id in 0..program.functions.len() {
        Walker::function(&program, &methods, &mut facts, id);
    }
    for (module, value) in &program.constants {
        Walker::constant(&program, &methods, &mut facts, *module, value);
    }
    let (leaves, mentions) = mentions::of(&program, &facts);
    let mut on_facade = vec![true; sources.len()];
    for (module, found) in program.modules.iter().enumerate() {
        on_facade[found.file] &= mentions::is_on_facade(&program, module);
    }
    Some(look(&ProgramContext {
        sources,
        on_facade: &on_facade,
        facts: &facts,
        files: &files,
        mentions: &mentions,
        leaves: &leaves,
    }))
}
