//! The engine: runs the rules over the sources, and makes their fixes round by round until nothing changes any more.

mod rounds;
mod trace;

use crate::facade::{Facade, idiom};
use crate::finding::Finding;
use crate::hosts::Host;
use crate::rules::{
    Check, ManifestContext, RULES, Rule, RustContext, ScriptContext, WitContext, possible, rule,
};
use crate::script::{self, Language};
use crate::source::{Kind, Source};
use crate::{allow, manifest, rust, stack, wit};
use rayon::prelude::*;
pub use rounds::{Made, Migrated, Vetoes, migrate, migrate_without};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
pub use trace::Trace;

/// The target that Rust is rewritten to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// `wasip3` and `wit-bindgen`.
    #[default]
    Native,
    /// `compat-api` and `polyfill-guest`: one source for hosts of 0.2 and 0.3.
    Compat,
}

#[derive(Clone, Debug, Default)]
pub struct Options {
    pub target: Target,
    /// Where `compat-api` comes from, for that target.
    pub compat: Facade,
    /// Only these rules; all if empty.
    pub select: Vec<String>,
    /// Not these.
    pub ignore: Vec<String>,
    /// Also find what this host doesn't link.
    pub host: Option<&'static Host>,
    /// Counts the files that were looked at, for a display of progress.
    pub looked_at: Option<Arc<AtomicUsize>>,
}

impl Options {
    pub(crate) fn wants(&self, rule: &Rule) -> bool {
        let selected = if self.select.is_empty() {
            !rule.is_opt_in()
        } else {
            self.select.iter().any(|name| name == rule.name)
        };
        selected && !self.ignore.iter().any(|name| name == rule.name)
    }
}

/// The findings in one file.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// By place.
    pub findings: Vec<Finding>,
    /// How often Rust code, `use`s aside, says a name that only 0.2 has.
    pub sites: usize,
    /// Why the file could not be looked at.
    pub error: Option<FileError>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The byte that it is about.
    pub at: usize,
    pub message: String,
}

impl From<FileError> for Report {
    fn from(error: FileError) -> Self {
        Self {
            error: Some(error),
            ..Self::default()
        }
    }
}

impl From<wit::SyntaxError> for FileError {
    fn from(error: wit::SyntaxError) -> Self {
        Self {
            at: error.at,
            message: error.message,
        }
    }
}

/// The findings of each source, in their order.
pub fn check(sources: &[Source], options: &Options) -> Vec<Report> {
    let mut reports: Vec<_> = sources.iter().map(|_| Report::default()).collect();
    let found: Vec<_> = stack::in_pool(|| {
        units(sources)
            .into_par_iter()
            .flat_map_iter(|unit| check_unit(sources, unit, options))
            .collect()
    });
    for (index, report) in found {
        reports[index] = report;
    }
    add_programs(&mut reports, sources, options);
    reports
}

/// Adds the findings about all files together.
fn add_programs(reports: &mut [Report], sources: &[Source], options: &Options) {
    for (report, found) in reports.iter_mut().zip(idiom::check(sources, options)) {
        if !found.is_empty() {
            report.findings.extend(found);
            report
                .findings
                .sort_by_key(|finding| (finding.range.start, finding.range.end));
        }
    }
}

/// The sources that must be looked at together: all WIT of a folder, any other file alone.
fn units(sources: &[Source]) -> Vec<Vec<usize>> {
    let mut folders: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    let mut units = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        match source.kind {
            Kind::Wit => folders.entry(source.path.parent()).or_default().push(index),
            _ => units.push(vec![index]),
        }
    }
    units.extend(folders.into_values());
    units
}

fn check_unit(sources: &[Source], unit: Vec<usize>, options: &Options) -> Vec<(usize, Report)> {
    let first = &sources[unit[0]];
    let reports = stack::guarded(|| match first.kind {
        Kind::Wit => check_wit(sources, &unit, options),
        Kind::Rust => vec![check_rust(&first.text, options)],
        Kind::Script(language) => vec![check_script(&first.text, language, options)],
        _ => vec![check_manifest(first, options)],
    });
    if let Some(count) = &options.looked_at {
        count.fetch_add(unit.len(), Ordering::Relaxed);
    }
    // It is not known which of several files it was about.
    let reports =
        reports.unwrap_or_else(|error| unit.iter().map(|_| error.clone().into()).collect());
    unit.into_iter().zip(reports).collect()
}

fn check_wit(sources: &[Source], unit: &[usize], options: &Options) -> Vec<Report> {
    let parsed: Vec<_> = unit
        .iter()
        .map(|index| wit::parse(&sources[*index].text))
        .collect();
    let package = wit::Package::new(parsed.iter().flatten().collect());
    let vendored = package.names().any(wit::wasi::is_of_others);
    let reports = unit.iter().zip(&parsed).map(|(index, parsed)| {
        let text = &sources[*index].text;
        let file = match parsed {
            Ok(file) => file,
            Err(error) => return FileError::from(error.clone()).into(),
        };
        let scopes = file.scopes();
        let context = WitContext::new(text, file, &scopes, &package, options.target);
        let mut findings = collect(text, options, |check, found| match check {
            Check::Wit(check) if !vendored => check(&context, found),
            Check::Vendored(check) if vendored => check(&context, found),
            _ => {}
        });
        for (path, name, version) in options
            .host
            .iter()
            .flat_map(|host| unlinked(host, &package, file))
        {
            let message = format!(
                "{} doesn't link `{name}@{version}`",
                options.host.map_or("", |host| &host.title)
            );
            let help = options
                .host
                .map(|host| format!("it links WASI {}", host.versions()));
            findings.push(Finding {
                rule: "unlinked",
                help,
                ..Finding::new(path.range.clone(), message)
            });
        }
        let fixes = findings
            .iter_mut()
            .filter_map(|finding| finding.fix.as_mut());
        fixes
            .flat_map(|fix| &mut fix.edits)
            .for_each(|edit| wit::keep_comments(text, edit));
        Report {
            findings,
            ..Report::default()
        }
    });
    reports.collect()
}

fn unlinked<'a>(
    host: &Host,
    package: &wit::Package,
    file: &'a wit::File,
) -> Vec<(&'a wit::Path, String, semver::Version)> {
    let mut paths = package.wasi_paths(file);
    paths.retain(|(_, _, version)| !host.links(version));
    paths
}

fn check_rust(text: &str, options: &Options) -> Report {
    if !rust::is_concerned(text) || rust::is_generated(text) {
        return Report::default();
    }
    rust::levels(text)
        .and_then(|levels| stack::with(levels, || look_at_rust(text, options)))
        .unwrap_or_else(Report::from)
}

fn look_at_rust(text: &str, options: &Options) -> Report {
    let syntax = match rust::parse(text) {
        Ok(syntax) => syntax,
        Err(error) => return rust_error(&error).into(),
    };
    let file = syntax.file();
    let context = RustContext::new(text, &file, options.target);
    let mut findings = collect(text, options, |check, found| {
        if let Check::Rust(check) = check {
            let before = found.len();
            check(&context, found);
            possible::keep(&context, &mut found[before..]);
        }
    });
    for finding in &mut findings {
        finding.statement = file.statement_or_signature(&finding.range);
    }
    let sites = file.sites();
    // Each file's places are counted on from the last one's.
    drop(file);
    drop(syntax);
    proc_macro2::extra::invalidate_current_thread_spans();
    Report {
        findings,
        sites,
        error: None,
    }
}

fn check_script(text: &str, language: Language, options: &Options) -> Report {
    if !script::is_concerned(language, text) || script::is_generated(text) {
        return Report::default();
    }
    let context = match script::mentions(language, text) {
        Ok(mentions) => ScriptContext { language, mentions },
        Err(error) => return error.into(),
    };
    let findings = collect(text, options, |check, found| {
        if let Check::Script(check) = check {
            check(&context, found);
        }
    });
    Report {
        findings,
        ..Report::default()
    }
}

fn check_manifest(source: &Source, options: &Options) -> Report {
    let text = source.text.as_str();
    let look = |table: &manifest::Table| {
        let context = ManifestContext {
            text,
            kind: source.kind,
            table,
            target: options.target,
            compat: &options.compat,
            folder: source.path.parent().unwrap_or(Path::new("")),
        };
        let findings = collect(text, options, |check, found| {
            if let Check::Manifest(check) = check {
                check(&context, found);
            }
        });
        Report {
            findings,
            ..Report::default()
        }
    };
    manifest::parsed(text, look).unwrap_or_else(Report::from)
}

fn rust_error(error: &syn::Error) -> FileError {
    FileError {
        at: error.span().byte_range().start,
        message: error.to_string(),
    }
}

/// The findings of the wanted rules, by place, without those that are allowed.
fn collect(text: &str, options: &Options, run: impl Fn(Check, &mut Vec<Finding>)) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| options.wants(rule)) {
        let before = findings.len();
        run(rule.check, &mut findings);
        findings[before..]
            .iter_mut()
            .for_each(|finding: &mut Finding| finding.rule = rule.name);
    }
    // What another rule's fix removes needs no manual change.
    let edits: Vec<_> = findings
        .iter()
        .filter_map(|finding| finding.fix.as_ref())
        .flat_map(|fix| &fix.edits)
        .map(|edit| edit.range.clone())
        .collect();
    let taken = |finding: &Finding| {
        edits
            .iter()
            .any(|edit| edit.start <= finding.range.start && finding.range.end <= edit.end)
    };
    findings.retain(|finding| finding.fix.is_some() || !taken(finding));
    findings.sort_by_key(|finding| (finding.range.start, finding.range.end));
    allow::filter(
        text,
        findings,
        |name| rule(name).is_some(),
        |name| !is_about_programs(name),
    )
}

/// Whether a rule of this name looks at all files together.
pub(crate) fn is_about_programs(name: &str) -> bool {
    rule(name).is_some_and(|rule| matches!(rule.check, Check::Program(_)))
}

/// Whether the text parses as a file of its kind.
fn readable(kind: Kind, text: &str) -> Result<(), FileError> {
    match kind {
        Kind::Wit => Ok(wit::parse(text).map(drop)?),
        Kind::Rust => stack::with(rust::levels(text)?, || match syn::parse_file(text) {
            Ok(_) => Ok(()),
            Err(error) => Err(rust_error(&error)),
        })?,
        // Nothing is rewritten in them.
        Kind::Script(_) => Ok(()),
        _ => manifest::parsed(text, |_| ()),
    }
}
