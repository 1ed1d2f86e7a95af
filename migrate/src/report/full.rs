//! The report for people: findings with the lines that they are about.

use super::{FileReport, Look, explain};
use crate::edit::Safety;
use crate::finding::Finding;
use crate::place::{line, position};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};
use std::ops::Range;

/// The style of each part. Writing plain text directly is faster than removing colours afterwards.
pub struct Styles {
    pub bold: Style,
    pub rule: Style,
    pub error: Style,
    pub margin: Style,
    pub help: Style,
    pub removed: Style,
    pub added: Style,
}

const COLOURED: Styles = Styles {
    bold: Style::new().bold(),
    rule: AnsiColor::Yellow.on_default().bold(),
    error: AnsiColor::Red.on_default().bold(),
    margin: AnsiColor::Blue.on_default(),
    help: AnsiColor::Cyan.on_default(),
    removed: AnsiColor::Red.on_default(),
    added: AnsiColor::Green.on_default(),
};

const PLAIN: Styles = Styles {
    bold: Style::new(),
    rule: Style::new(),
    error: Style::new(),
    margin: Style::new(),
    help: Style::new(),
    removed: Style::new(),
    added: Style::new(),
};

pub fn styles(coloured: bool) -> &'static Styles {
    if coloured { &COLOURED } else { &PLAIN }
}

pub fn print(file: &FileReport, look: Look, out: &mut Vec<u8>) -> io::Result<()> {
    let path = file.path();
    let styles = styles(look.coloured);
    let Styles {
        bold,
        rule,
        error: red,
        help: cyan,
        ..
    } = styles;
    if let Some(error) = file.error {
        let message = &error.message;
        writeln!(out, "{red}error{red:#}: {bold}{message}{bold:#}")?;
        excerpt(file, &path, error.at..error.at, styles, out)?;
        writeln!(out)?;
    }
    for finding in file.findings {
        let (name, message) = (finding.rule, &finding.message);
        writeln!(out, "{rule}{name}{rule:#}: {bold}{message}{bold:#}")?;
        excerpt(file, &path, finding.range.clone(), styles, out)?;
        help(finding, styles, out)?;
        for (part, places) in others(finding) {
            let places: Vec<_> = places
                .iter()
                .map(|place| {
                    let at = position(&file.source.text, place.start);
                    format!("{}:{}", at.line, at.column)
                })
                .collect();
            writeln!(
                out,
                "  {cyan}also{cyan:#} {rule}{}{rule:#} at {}: {}",
                part.rule,
                places.join(", "),
                part.message
            )?;
            if part.help != finding.help {
                help(part, styles, out)?;
            }
        }
        writeln!(out, "  {cyan}fix{cyan:#}: {}", fix(finding))?;
        if look.explained {
            explain::change(file, finding, styles, out)?;
        }
        writeln!(out)?;
    }
    Ok(())
}

fn help(finding: &Finding, styles: &Styles, out: &mut Vec<u8>) -> io::Result<()> {
    let cyan = styles.help;
    match &finding.help {
        Some(help) => writeln!(out, "  {cyan}help{cyan:#}: {help}"),
        None => Ok(()),
    }
}

/// The findings that are joined with this one, those that say the same together.
fn others(finding: &Finding) -> Vec<(&Finding, Vec<Range<usize>>)> {
    let mut others: Vec<(&Finding, Vec<Range<usize>>)> = Vec::new();
    for part in &finding.also {
        let mut same = others.iter_mut();
        match same.find(|(other, _)| (other.rule, &other.message) == (part.rule, &part.message)) {
            Some((_, places)) => places.push(part.range.clone()),
            None => others.push((part, vec![part.range.clone()])),
        }
    }
    others
}

/// What is to be done, in words.
pub fn fix(finding: &Finding) -> &'static str {
    let levels: Vec<_> = finding.parts().map(Finding::level).collect();
    let is_fixed = |level: &Option<Safety>| level.is_some();
    match (levels.iter().any(is_fixed), levels.iter().all(is_fixed)) {
        (true, false) => "`rewrite --unsafe` fixes a part of it, the rest is to be done by hand",
        (false, _) => "to be done by hand",
        _ if finding.parts().all(|part| part.fix.is_none()) => {
            "`rewrite --unsafe` fixes it along with others; look at `diff --unsafe` first"
        }
        _ if finding.safety() == "safe" => "`rewrite` fixes it",
        _ => "`rewrite --unsafe` fixes it; look at `diff --unsafe` first",
    }
}

fn excerpt(
    file: &FileReport,
    path: &str,
    range: Range<usize>,
    styles: &Styles,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let Styles { rule, margin, .. } = styles;
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
