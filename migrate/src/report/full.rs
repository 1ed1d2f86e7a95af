//! The report for people: findings with the lines that they are about.

use super::FileReport;
use crate::edit::Safety;
use crate::place::{line, position};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};
use std::ops::Range;

/// The style of each part. Writing plain text directly is faster than removing colours afterwards.
struct Look {
    bold: Style,
    rule: Style,
    error: Style,
    margin: Style,
    help: Style,
}

const COLOURED: Look = Look {
    bold: Style::new().bold(),
    rule: AnsiColor::Yellow.on_default().bold(),
    error: AnsiColor::Red.on_default().bold(),
    margin: AnsiColor::Blue.on_default(),
    help: AnsiColor::Cyan.on_default(),
};

const PLAIN: Look = Look {
    bold: Style::new(),
    rule: Style::new(),
    error: Style::new(),
    margin: Style::new(),
    help: Style::new(),
};

pub fn coloured(file: &FileReport, out: &mut Vec<u8>) -> io::Result<()> {
    print(file, &COLOURED, out)
}

pub fn plain(file: &FileReport, out: &mut Vec<u8>) -> io::Result<()> {
    print(file, &PLAIN, out)
}

fn print(file: &FileReport, look: &Look, out: &mut Vec<u8>) -> io::Result<()> {
    let path = file.path();
    let Look {
        bold,
        rule,
        error: red,
        help: cyan,
        ..
    } = look;
    if let Some(error) = file.error {
        let message = &error.message;
        writeln!(out, "{red}error{red:#}: {bold}{message}{bold:#}")?;
        excerpt(file, &path, error.at..error.at, look, out)?;
        writeln!(out)?;
    }
    for finding in file.findings {
        let (name, message) = (finding.rule, &finding.message);
        writeln!(out, "{rule}{name}{rule:#}: {bold}{message}{bold:#}")?;
        excerpt(file, &path, finding.range.clone(), look, out)?;
        if let Some(help) = &finding.help {
            writeln!(out, "  {cyan}help{cyan:#}: {help}")?;
        }
        let fix = match finding.fix.as_ref().map(|fix| fix.safety) {
            Some(Safety::Safe) => "`rewrite` fixes it",
            Some(Safety::Unsafe) => "`rewrite --unsafe` fixes it; look at `diff --unsafe` first",
            None => "to be done by hand",
        };
        writeln!(out, "  {cyan}fix{cyan:#}: {fix}\n")?;
    }
    Ok(())
}

fn excerpt(
    file: &FileReport,
    path: &str,
    range: Range<usize>,
    look: &Look,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let Look { rule, margin, .. } = look;
    let text = &file.source.text;
    let at = position(text, range.start);
    let line = line(text, range.start);
    let (number, column) = (at.line, at.column);
    let width = number.checked_ilog10().unwrap_or(0) as usize + 1;
    writeln!(
        out,
        "{:width$}{margin}-->{margin:#} {path}:{number}:{column}\n{:width$} {margin}|{margin:#}\n\
         {margin}{number}{margin:#} {margin}|{margin:#} {line}",
        "", ""
    )?;
    write!(out, "{:width$} {margin}|{margin:#} ", "")?;
    // Tabs stay tabs, so that the mark is below what it marks.
    let before = line.chars().take(column - 1);
    out.extend(before.map(|c| if c == '\t' { b'\t' } else { b' ' }));
    let marked = text[range].lines().next();
    let marked = marked.map_or(0, |marked| marked.chars().count()).max(1);
    write!(out, "{rule}")?;
    out.extend(std::iter::repeat_n(b'^', marked));
    writeln!(out, "{rule:#}")
}
