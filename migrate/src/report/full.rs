//! Findings with the line they are about, for people.

use super::FileReport;
use crate::edit::Safety;
use crate::place::{line, position};
use anstyle::{AnsiColor, Style};
use std::io::{self, Write};
use std::ops::Range;

const BOLD: Style = Style::new().bold();
const RULE: Style = AnsiColor::Yellow.on_default().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const MARGIN: Style = AnsiColor::Blue.on_default();
const HELP: Style = AnsiColor::Cyan.on_default();

pub fn print(files: &[FileReport], out: &mut dyn Write) -> io::Result<()> {
    for file in files {
        if let Some(error) = file.error {
            writeln!(
                out,
                "{ERROR}error{ERROR:#}: {BOLD}{}{BOLD:#}",
                error.message
            )?;
            excerpt(file, error.at..error.at, out)?;
            writeln!(out)?;
        }
        for finding in file.findings {
            writeln!(
                out,
                "{RULE}{}{RULE:#}: {BOLD}{}{BOLD:#}",
                finding.rule, finding.message
            )?;
            excerpt(file, finding.range.clone(), out)?;
            if let Some(help) = &finding.help {
                writeln!(out, "  {HELP}help{HELP:#}: {help}")?;
            }
            let fix = match finding.fix.as_ref().map(|fix| fix.safety) {
                Some(Safety::Safe) => "`rewrite` fixes it",
                Some(Safety::Unsafe) => {
                    "`rewrite --unsafe` fixes it; look at `diff --unsafe` first"
                }
                None => "to be done by hand",
            };
            writeln!(out, "  {HELP}fix{HELP:#}: {fix}\n")?;
        }
    }
    Ok(())
}

fn excerpt(file: &FileReport, range: Range<usize>, out: &mut dyn Write) -> io::Result<()> {
    let text = &file.source.text;
    let at = position(text, range.start);
    let line = line(text, range.start);
    let margin = at.line.to_string().len();
    writeln!(
        out,
        "{:margin$}{MARGIN}-->{MARGIN:#} {}:{}:{}",
        "",
        file.path(),
        at.line,
        at.column
    )?;
    writeln!(out, "{:margin$} {MARGIN}|{MARGIN:#}", "")?;
    writeln!(
        out,
        "{MARGIN}{}{MARGIN:#} {MARGIN}|{MARGIN:#} {line}",
        at.line
    )?;
    // Tabs stay tabs, so that the mark is below what it marks.
    let before: String = line
        .chars()
        .take(at.column - 1)
        .map(|c| if c == '\t' { '\t' } else { ' ' })
        .collect();
    let marked = text[range.clone()]
        .lines()
        .next()
        .map_or(0, |marked| marked.chars().count())
        .max(1);
    writeln!(
        out,
        "{:margin$} {MARGIN}|{MARGIN:#} {before}{RULE}{}{RULE:#}",
        "",
        "^".repeat(marked)
    )
}
