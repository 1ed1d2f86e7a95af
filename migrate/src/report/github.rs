//! The report for GitHub Actions: workflow commands that it turns into annotations.

use super::Document;
use crate::place::position;
use std::io::{self, Write};

pub fn print(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    for file in &document.files {
        let path = property(&file.path());
        if let Some(error) = file.error {
            let at = position(&file.source.text, error.at);
            writeln!(
                out,
                "::error file={path},line={},col={}::{}",
                at.line,
                at.column,
                data(&error.message)
            )?;
        }
        for finding in file.findings {
            let (start, end) = (
                position(&file.source.text, finding.range.start),
                position(&file.source.text, finding.range.end),
            );
            let told = finding.parts().map(|part| match &part.help {
                Some(help) => format!("{}\nhelp: {help}", part.message),
                None => part.message.clone(),
            });
            writeln!(
                out,
                "::warning file={path},line={},col={},endLine={},endColumn={},title={}::{}",
                start.line,
                start.column,
                end.line,
                end.column,
                property(finding.rule),
                data(&told.collect::<Vec<_>>().join("\n"))
            )?;
        }
    }
    for component in &document.components {
        let path = property(&component.path);
        for used in &component.uses {
            writeln!(out, "::warning file={path}::{}", data(&used.message))?;
        }
    }
    Ok(())
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
