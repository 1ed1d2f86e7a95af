//! A unified diff that `git apply` takes.

use crate::source::Source;
use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};
use std::fmt::Write;
use std::path::Path;

const REMOVED: Style = AnsiColor::Red.on_default();
const ADDED: Style = AnsiColor::Green.on_default();
const PLACE: Style = AnsiColor::Cyan.on_default();
const FILE: Style = Style::new().bold();

/// The diff of one file, empty if nothing changed. A file of which nothing is left is removed.
pub fn patch(before: &Source, after: &str) -> String {
    let mut text = String::new();
    if before.text == after {
        return text;
    }
    let path = slashes(&before.path);
    let removed = after.is_empty();
    let result = || -> Result<String, std::fmt::Error> {
        writeln!(text, "{FILE}diff --git a/{path} b/{path}{FILE:#}")?;
        if removed {
            writeln!(text, "{FILE}deleted file mode 100644{FILE:#}")?;
        }
        writeln!(text, "{FILE}--- a/{path}{FILE:#}")?;
        writeln!(
            text,
            "{FILE}+++ {}{FILE:#}",
            if removed {
                "/dev/null".to_owned()
            } else {
                format!("b/{path}")
            }
        )?;
        let diff = TextDiff::from_lines(before.text.as_str(), after);
        for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
            writeln!(
                text,
                "{PLACE}{}{PLACE:#}",
                hunk.header().to_string().trim_end()
            )?;
            for change in hunk.iter_changes() {
                let (sign, style) = match change.tag() {
                    ChangeTag::Delete => ('-', REMOVED),
                    ChangeTag::Insert => ('+', ADDED),
                    ChangeTag::Equal => (' ', Style::new()),
                };
                let line = change.value();
                writeln!(
                    text,
                    "{style}{sign}{}{style:#}",
                    line.strip_suffix('\n').unwrap_or(line)
                )?;
                if change.missing_newline() {
                    writeln!(text, "\\ No newline at end of file")?;
                }
            }
        }
        Ok(text)
    };
    result().expect("writing to a string cannot fail")
}

fn slashes(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/")
}
