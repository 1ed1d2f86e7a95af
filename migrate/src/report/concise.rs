//! The report of one line for each finding.

use super::FileReport;
use crate::place::position;
use std::io::{self, Write};

pub fn print(file: &FileReport, out: &mut Vec<u8>) -> io::Result<()> {
    let path = file.path();
    if let Some(error) = file.error {
        let at = position(&file.source.text, error.at);
        let (line, column, message) = (at.line, at.column, &error.message);
        writeln!(out, "{path}:{line}:{column}: error: {message}")?;
    }
    for finding in file.findings {
        let at = position(&file.source.text, finding.range.start);
        let (line, column, rule) = (at.line, at.column, finding.rule);
        let (safety, message) = (finding.safety(), &finding.message);
        write!(out, "{path}:{line}:{column}: {rule} [{safety}] {message}")?;
        match finding.also.len() {
            0 => writeln!(out)?,
            more => writeln!(out, " (and {more} more in this statement)")?,
        }
    }
    Ok(())
}
