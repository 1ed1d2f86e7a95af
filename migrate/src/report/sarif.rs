//! The report for code scanning: findings as SARIF 2.1.0, with the edits of each fix, and fingerprints that outlive other changes.

use super::fingerprint::fingerprints;
use super::{Document, FileReport};
use crate::edit::Edit;
use crate::finding::Finding;
use crate::place::position;
use crate::rules::{RULES, rule};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::ops::Range;

pub fn print(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let rules: Vec<_> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.name,
                "shortDescription": { "text": rule.summary() },
                "fullDescription": { "text": rule.section("Why").unwrap_or_default() },
                "help": { "text": rule.documentation(), "markdown": rule.documentation() },
                "helpUri": rule.address(),
                "defaultConfiguration": { "level": "warning" },
                "properties": { "tags": ["migration", rule.group()] },
            })
        })
        .collect();
    let mut results = Vec::new();
    let mut errors: Vec<_> = document
        .unreadable
        .iter()
        .map(|(path, message)| {
            json!({
                "level": "error",
                "message": { "text": message },
                "locations": [{ "physicalLocation": { "artifactLocation": artifact(path) } }],
            })
        })
        .collect();
    for file in &document.files {
        for (finding, fingerprint) in file.findings.iter().zip(fingerprints(file)) {
            results.push(result(file, finding, &fingerprint));
        }
        if let Some(error) = file.error {
            errors.push(json!({
                "level": "error",
                "message": { "text": error.message },
                "locations": [location(file, &(error.at..error.at))],
            }));
        }
    }
    for component in &document.components {
        results.extend(component.uses.iter().map(|used| {
            json!({
                "level": "warning",
                "message": { "text": used.message },
                "locations": [{ "physicalLocation": { "artifactLocation": artifact(&component.path) } }],
            })
        }));
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "isyswasfa-migrate",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
            "invocations": [{ "executionSuccessful": errors.is_empty(), "toolExecutionNotifications": errors }],
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

fn result(file: &FileReport, finding: &Finding, fingerprint: &str) -> Value {
    let told = finding.parts().map(|part| match &part.help {
        Some(help) => format!("{}\nhelp: {help}", part.message),
        None => part.message.clone(),
    });
    let mut result = json!({
        "ruleId": finding.rule,
        "level": "warning",
        "message": { "text": told.collect::<Vec<_>>().join("\n") },
        "locations": [location(file, &finding.range)],
        "partialFingerprints": { "isyswasfa/v1": fingerprint },
        "properties": { "safety": finding.safety() },
    });
    // What is not one of the rules, such as a comment that allows nothing, has no index.
    if rule(finding.rule).is_some() {
        let index = RULES.iter().position(|rule| rule.name == finding.rule);
        result["ruleIndex"] = json!(index);
    }
    if !finding.also.is_empty() {
        let related = finding.also.iter().map(|part| {
            let mut location = location(file, &part.range);
            location["message"] = json!({ "text": part.message });
            location
        });
        result["relatedLocations"] = related.collect();
    }
    let fixes: Vec<_> = finding
        .parts()
        .filter_map(|part| Some((part, part.fix.as_ref()?)))
        .filter(|(_, fix)| !fix.edits.is_empty())
        .map(|(part, fix)| {
            let replacements: Vec<_> = fix.edits.iter().map(|edit| replacement(file, edit)).collect();
            json!({
                "description": { "text": format!("{} ({})", part.message, fix.safety.name()) },
                "artifactChanges": [{ "artifactLocation": artifact(&file.path()), "replacements": replacements }],
            })
        })
        .collect();
    if !fixes.is_empty() {
        result["fixes"] = json!(fixes);
    }
    result
}

fn replacement(file: &FileReport, edit: &Edit) -> Value {
    json!({ "deletedRegion": region(file, &edit.range), "insertedContent": { "text": edit.text } })
}

fn location(file: &FileReport, place: &Range<usize>) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": artifact(&file.path()),
        "region": region(file, place),
    } })
}

fn region(file: &FileReport, place: &Range<usize>) -> Value {
    let (from, to) = (
        position(&file.source.text, place.start),
        position(&file.source.text, place.end),
    );
    json!({ "startLine": from.line, "startColumn": from.column, "endLine": to.line, "endColumn": to.column })
}

/// A path as a reference of a URI: what may not stand in one is written by its bytes.
fn artifact(path: &str) -> Value {
    let path = path.replace('\\', "/");
    let mut uri = String::new();
    for byte in path.strip_prefix("./").unwrap_or(&path).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(char::from(byte));
            }
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    if path.starts_with('/') {
        uri = format!("file://{uri}");
    }
    json!({ "uri": uri })
}
