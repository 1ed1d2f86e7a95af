//! The report for programs: one JSON document, of one shape for `check` and for what `rewrite` reports.
//!
//! ```json
//! {
//!   "version": 1,
//!   "findings": [{ "path", "rule", "message", "help", "start", "end", "safety", "edits", "also": [{…}] }],
//!   "errors": [{ "path", "message", "start" }],
//!   "components": [{ "path", "uses": [{ "direction", "interface", "version", "becomes", "from_std", "linked", "message" }] }],
//!   "rewritten": [{ "path", "fixes" }],
//!   "facade": { "paths", "awaited", "blocking", "functions" },
//!   "summary": { "files", "concerned", "findings", "safe", "unsafe", "manual", "sites", "left", "rules" }
//! }
//! ```
//!
//! `start` and `end` are `{ "line", "column", "byte" }`; `edits` are `{ "start", "end", "text" }` in bytes, or null without a fix. `version` is
//! raised when a field changes its meaning or goes; fields may be added.

use super::{Document, FileReport};
use crate::edit::Edit;
use crate::finding::Finding;
use crate::place::{Position, position};
use serde_json::{Value, json};
use std::io::{self, Write};

pub fn print(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &value(document))?;
    writeln!(out)
}

fn value(document: &Document) -> Value {
    let (mut findings, mut errors) = (Vec::new(), Vec::new());
    for (path, message) in &document.unreadable {
        errors.push(json!({ "path": path, "message": message, "start": Value::Null }));
    }
    for file in &document.files {
        if let Some(error) = file.error {
            let start = place(&file.source.text, error.at);
            errors.push(json!({ "path": file.path(), "message": error.message, "start": start }));
        }
        findings.extend(file.findings.iter().map(|found| finding(file, found)));
    }
    json!({
        "version": 1,
        "findings": findings,
        "errors": errors,
        "components": document.components,
        "rewritten": document.rewritten,
        "facade": document.facade,
        "summary": document.summary,
    })
}

fn finding(file: &FileReport, finding: &Finding) -> Value {
    let text = &file.source.text;
    let edits = |edits: &[Edit]| -> Vec<_> {
        let edits = edits.iter().map(
            |edit| json!({ "start": edit.range.start, "end": edit.range.end, "text": edit.text }),
        );
        edits.collect()
    };
    json!({
        "path": file.path(),
        "rule": finding.rule,
        "message": finding.message,
        "help": finding.help,
        "start": place(text, finding.range.start),
        "end": place(text, finding.range.end),
        "safety": finding.safety(),
        "edits": finding.fix.as_ref().map(|fix| edits(&fix.edits)),
        "also": finding.also.iter().map(|part| self::finding(file, part)).collect::<Vec<_>>(),
    })
}

fn place(text: &str, at: usize) -> Value {
    let Position { line, column } = position(text, at);
    json!({ "line": line, "column": column, "byte": at })
}
