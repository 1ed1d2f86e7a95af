//! The report for programs: findings as one JSON array, with the edits of each fix.

use super::FileReport;
use crate::place::{Position, position};
use serde_json::{Value, json};
use std::io::{self, Write};

pub fn print(files: &[FileReport], out: &mut dyn Write) -> io::Result<()> {
    let mut all = Vec::new();
    for file in files {
        let text = &file.source.text;
        if let Some(error) = file.error {
            all.push(json!({ "path": file.path(), "rule": Value::Null, "message": error.message, "start": place(text, error.at) }));
        }
        for finding in file.findings {
            let edits = |edits: &[crate::edit::Edit]| -> Vec<_> {
                edits.iter().map(|edit| json!({ "start": edit.range.start, "end": edit.range.end, "text": edit.text })).collect()
            };
            all.push(json!({
                "path": file.path(),
                "rule": finding.rule,
                "message": finding.message,
                "help": finding.help,
                "start": place(text, finding.range.start),
                "end": place(text, finding.range.end),
                "safety": finding.safety(),
                "edits": finding.fix.as_ref().map(|fix| edits(&fix.edits)),
            }));
        }
    }
    serde_json::to_writer_pretty(&mut *out, &all)?;
    writeln!(out)
}

fn place(text: &str, at: usize) -> Value {
    let Position { line, column } = position(text, at);
    json!({ "line": line, "column": column, "byte": at })
}
