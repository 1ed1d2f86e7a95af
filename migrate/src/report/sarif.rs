//! The report for code scanning: findings as SARIF 2.1.0.

use super::FileReport;
use crate::place::position;
use crate::rules::RULES;
use serde_json::{Value, json};
use std::io::{self, Write};

pub fn print(files: &[FileReport], out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<_> = RULES
        .iter()
        .map(|rule| json!({ "id": rule.name, "shortDescription": { "text": rule.summary() }, "help": { "text": rule.documentation(), "markdown": rule.documentation() } }))
        .collect();
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for file in files {
        for finding in file.findings {
            let message = match &finding.help {
                Some(help) => format!("{}\nhelp: {help}", finding.message),
                None => finding.message.clone(),
            };
            results.push(json!({
                "ruleId": finding.rule,
                "level": "warning",
                "message": { "text": message },
                "locations": [location(file, finding.range.start, finding.range.end)],
                "properties": { "safety": finding.safety() },
            }));
        }
        if let Some(error) = file.error {
            errors.push(json!({ "level": "error", "message": { "text": error.message }, "locations": [location(file, error.at, error.at)] }));
        }
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "isyswasfa-migrate", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
            "invocations": [{ "executionSuccessful": errors.is_empty(), "toolExecutionNotifications": errors }],
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn location(file: &FileReport, start: usize, end: usize) -> Value {
    let (from, to) = (
        position(&file.source.text, start),
        position(&file.source.text, end),
    );
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": file.path().replace('\\', "/") },
        "region": { "startLine": from.line, "startColumn": from.column, "endLine": to.line, "endColumn": to.column },
    } })
}
