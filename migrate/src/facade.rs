//! The total step: a whole tree of packages moves from bindings of WASI 0.2 onto the facade `compat_api::p2`, in which what blocks is async.
//!
//! The facade has the modules, types and methods of the crate `wasip2`. So the rewrite is the same whatever the code does: (1) paths change, (2) calls that block
//! are awaited, (3) functions with such calls become async, and so do those that call them, (4) entry points follow. What cannot become async waits with
//! `block_on`, and a finding says so. Types of 0.2 and of the facade do not mix, so that all of it moves, or nothing does.

mod active;
mod changes;
mod colour;
mod dependency;
mod emit;
mod entry;
mod facts;
mod generated;
pub mod idiom;
mod infer;
mod lower;
mod methods;
mod packages;
mod parsed;
mod paths;
mod resolve;
mod setup;
mod standard;
mod tree;
mod types;
mod wasi;

pub use dependency::Facade;
pub use emit::BLOCK_ON;
pub use paths::FACADE;
pub use wasi::item;

use crate::engine::FileError;
use crate::finding::Finding;
use crate::rust;
use crate::source::{Kind, Source};
use crate::stack;
use changes::Changes;
use colour::Colours;
use generated::Generated;
use infer::Walker;
use methods::Methods;
use packages::Package;
use parsed::Parsed;
use tree::Program;

/// What the total step makes of a tree.
#[derive(Debug, Default)]
pub struct Moved {
    /// The files, in the order of the sources, with their new text.
    pub files: Vec<Source>,
    /// By file, what is left or worth a look.
    pub findings: Vec<Vec<Finding>>,
    /// By file, why it could not be read. If there is one, nothing has moved.
    pub errors: Vec<Option<FileError>>,
    pub counts: Counts,
}

/// What was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Paths into bindings of 0.2.
    pub paths: usize,
    /// Calls that got `.await`.
    pub awaited: usize,
    /// Calls that got `block_on`.
    pub blocking: usize,
    /// Functions that became async.
    pub functions: usize,
}

impl Counts {
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Moves the packages of these sources. All Rust files of a package must be among them, whether they mention WASI or not.
pub fn rewrite(sources: &[Source], facade: &Facade) -> Moved {
    let mut levels = 0;
    let mut errors: Vec<Option<FileError>> = vec![None; sources.len()];
    for (source, error) in sources.iter().zip(&mut errors) {
        if source.kind == Kind::Rust {
            match rust::levels(&source.text) {
                Ok(found) => levels = levels.max(found),
                Err(found) => *error = Some(found),
            }
        }
    }
    if errors.iter().any(Option::is_some) {
        return unmoved(sources, errors);
    }
    // Each name has its own thread-local source map, so that places of one run end with it.
    let result = stack::with(levels.saturating_mul(2), || {
        let moved = stack::guarded(|| look(sources, facade, errors));
        proc_macro2::extra::invalidate_current_thread_spans();
        moved
    });
    match result.and_then(|result| result) {
        Ok(moved) => moved,
        Err(error) => unmoved(sources, vec![Some(error); sources.len().min(1)]),
    }
}

fn unmoved(sources: &[Source], mut errors: Vec<Option<FileError>>) -> Moved {
    errors.resize(sources.len(), None);
    Moved {
        files: sources.to_vec(),
        findings: vec![Vec::new(); sources.len()],
        errors,
        counts: Counts::default(),
    }
}

fn look(sources: &[Source], facade: &Facade, mut errors: Vec<Option<FileError>>) -> Moved {
    let (packages, of) = packages::packages(sources);
    let concerned = concerned(&packages, sources);
    let mut files: Vec<Option<Parsed>> = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        files.push(match source.kind {
            Kind::Rust if concerned => {
                match Parsed::new(tree::normalized(&source.path), &source.text) {
                    Ok(parsed) => Some(parsed),
                    Err(error) => {
                        let at = error.span().byte_range().start;
                        errors[index] = Some(FileError {
                            at,
                            message: error.to_string(),
                        });
                        None
                    }
                }
            }
            _ => None,
        });
    }
    if errors.iter().any(Option::is_some) {
        return unmoved(sources, errors);
    }
    let mut counts = Counts::default();
    let mut own: Vec<Changes> = sources.iter().map(|_| Changes::default()).collect();
    let mut moving = vec![false; packages.len()];
    for (index, parsed) in files.iter().enumerate() {
        let Some(parsed) = parsed.as_ref().filter(|parsed| !parsed.is_generated) else {
            continue;
        };
        let found = paths::change(&mut own[index], parsed, &packages[of[index]].wasi);
        counts.paths += found;
        moving[of[index]] |= found > 0;
    }
    let by_path = tree::by_path(&files);
    let mut program = Program::new(&packages, &of, &files, &by_path);
    let generated = match Generated::of(&program) {
        Ok(generated) => generated,
        Err(found) => return kept(sources, errors, found),
    };
    if let Some(found) = generated.own_impl(&program) {
        return kept(sources, errors, found);
    }
    for (module, found) in program.modules.iter_mut().enumerate() {
        // Bindings of 0.3 have nothing that blocks.
        found.has_bindings &= generated.has(module);
        moving[found.package] |= found.has_bindings;
    }
    if !generated.is_empty() {
        counts.paths += generated.change(&program, sources, &mut own);
    }
    if counts.paths == 0 {
        return unmoved(sources, errors);
    }
    let (mut findings, mut changes) = coloured(&program, &mut counts, own);
    for (index, package) in packages.iter().enumerate() {
        let Some(manifest) = package.manifest.filter(|_| moving[index]) else {
            continue;
        };
        findings[manifest].extend(dependency::change(
            &mut changes[manifest],
            &sources[manifest],
            facade,
            false,
        ));
    }
    let mut moved = unmoved(sources, errors);
    for ((file, changes), found) in moved.files.iter_mut().zip(changes).zip(&mut findings) {
        found.sort_by_key(|finding| finding.range.start);
        if !changes.is_empty() {
            file.text = changes.apply(&file.text);
        }
    }
    moved.findings = findings;
    moved.counts = counts;
    moved
}

/// Nothing moves, for this reason.
fn kept(
    sources: &[Source],
    errors: Vec<Option<FileError>>,
    (file, finding): (usize, Finding),
) -> Moved {
    let mut moved = unmoved(sources, errors);
    moved.findings[file].push(finding);
    moved
}

/// The packages to look at: all, if one of them knows WASI 0.2, since they may call each other.
fn concerned(packages: &[Package], sources: &[Source]) -> bool {
    let generates = |source: &Source| {
        source.kind == Kind::Rust
            && (source.text.contains("generate!") || rust::is_generated(&source.text))
    };
    packages
        .iter()
        .any(|package| package.manifest.is_some() && !package.wasi.is_empty())
        || packages.len() == 1
        || sources.iter().any(generates)
}

/// The changes of all files, from the colours of the whole program.
fn coloured(
    program: &Program,
    counts: &mut Counts,
    own: Vec<Changes>,
) -> (Vec<Vec<Finding>>, Vec<Changes>) {
    let methods = Methods::of(program);
    let mut facts = setup::facts(program, &methods);
    for id in 0..program.functions.len() {
        Walker::function(program, &methods, &mut facts, id);
    }
    for (module, value) in &program.constants {
        Walker::constant(program, &methods, &mut facts, *module, value);
    }
    let colours = Colours::of(program, &methods, &facts);
    let emitted = emit::emit(program, &methods, &facts, &colours);
    counts.awaited = emitted.awaited;
    counts.blocking = emitted.blocking;
    counts.functions = emitted.functions;
    let mut findings: Vec<Vec<Finding>> = program.files.iter().map(|_| Vec::new()).collect();
    for (file, finding) in emitted.findings {
        findings[file].push(finding);
    }
    let mut changes = emitted.changes;
    for (changes, own) in changes.iter_mut().zip(own) {
        changes.extend(own);
    }
    (findings, changes)
}
