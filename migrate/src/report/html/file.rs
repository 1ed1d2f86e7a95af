//! One file: its findings, and its changed lines before and after.

use super::diff::{Marked, Row, rows};
use super::{escape, inline, is_changed};
use crate::finding::Finding;
use crate::place::{line, position};
use crate::report::FileReport;
use crate::report::full::fix;
use crate::rules::rule;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

pub fn print(index: usize, file: &FileReport, out: &mut dyn Write) -> io::Result<()> {
    let path = escape(&file.path());
    let count = |safety: &str| {
        file.findings
            .iter()
            .filter(|found| found.safety() == safety)
            .count()
    };
    let mut badges = String::new();
    for (safety, name) in [
        ("safe", "safe"),
        ("unsafe", "unsafe"),
        ("manual", "by hand"),
    ] {
        if count(safety) > 0 {
            let _ = write!(
                badges,
                " <span class=\"badge {safety}\">{} {name}</span>",
                count(safety)
            );
        }
    }
    if file.error.is_some() {
        badges += " <span class=\"badge error\">error</span>";
    }
    // A page of many files is read from its list.
    let open = if index < 10 { " open" } else { "" };
    writeln!(
        out,
        "<details class=\"file\"{open}>\n<summary><h3>{path}</h3>{badges}</summary>"
    )?;
    if !file.findings.is_empty() {
        writeln!(out, "<ol class=\"findings\">")?;
        for (number, found) in file.findings.iter().enumerate() {
            finding(file, found, &format!("f{index}-{number}"), out)?;
        }
        writeln!(out, "</ol>")?;
    }
    if let Some(after) = file.after.filter(|_| is_changed(file)) {
        sides(file, after, out)?;
    }
    writeln!(out, "</details>")
}

fn finding(file: &FileReport, finding: &Finding, id: &str, out: &mut dyn Write) -> io::Result<()> {
    let at = position(&file.source.text, finding.range.start);
    let line = line(&file.source.text, finding.range.start);
    let names: BTreeSet<_> = finding.parts().map(|part| part.rule).collect();
    let rules: Vec<_> = names.into_iter().collect();
    let safety = finding.safety();
    writeln!(
        out,
        "<li id=\"{id}\" class=\"finding {safety}\" tabindex=\"-1\" data-rules=\"{}\" data-safety=\"{safety}\">\n\
         <p><span class=\"badge {safety}\">{}</span> <a class=\"place\" href=\"#{id}\">{}:{}</a> {}</p>\n<pre class=\"line\">{}</pre>",
        rules.join(" "),
        if safety == "manual" {
            "by hand"
        } else {
            safety
        },
        at.line,
        at.column,
        message(finding),
        escape(line.trim())
    )?;
    if let Some(help) = &finding.help {
        writeln!(
            out,
            "<p class=\"help\"><b>Instead:</b> {}</p>",
            inline(help)
        )?;
    }
    let mut told = BTreeSet::from([finding.message.as_str()]);
    let others: Vec<_> = finding
        .also
        .iter()
        .filter(|part| told.insert(&part.message))
        .collect();
    if !others.is_empty() {
        writeln!(out, "<ul>")?;
        for part in others {
            let help = part
                .help
                .as_ref()
                .filter(|help| Some(*help) != finding.help.as_ref());
            let help = help.map(|help| format!(" <b>Instead:</b> {}", inline(help)));
            writeln!(
                out,
                "<li>{}{}</li>",
                message(part),
                help.unwrap_or_default()
            )?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(
        out,
        "<p class=\"help\"><b>Fix:</b> {}</p>\n</li>",
        inline(fix(finding))
    )
}

fn message(finding: &Finding) -> String {
    let name = finding.rule;
    let link = match rule(name) {
        Some(_) => format!("<a href=\"#rule-{name}\"><code>{name}</code></a>"),
        None => format!("<code>{name}</code>"),
    };
    format!("{link}: {}", inline(&finding.message))
}

/// The changed lines before and after, with some around them.
fn sides(file: &FileReport, after: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<div class=\"sides\" role=\"table\" aria-label=\"{} before and after\">\n<div class=\"row head\" role=\"row\">\
         <span role=\"columnheader\" class=\"wide\">Before</span><span role=\"columnheader\" class=\"wide\">After</span></div>",
        escape(&file.path())
    )?;
    for row in rows(&file.source.text, after) {
        match row {
            Row::Gap => writeln!(
                out,
                "<div class=\"gap\" role=\"row\"><span role=\"cell\">⋯</span></div>"
            )?,
            Row::Same {
                before,
                after,
                text,
            } => {
                let text = escape(text);
                writeln!(
                    out,
                    "<div class=\"row same\" role=\"row\"><span class=\"n\">{before}</span><code role=\"cell\">{text}</code>\
                     <span class=\"n\">{after}</span><code role=\"cell\">{text}</code></div>"
                )?;
            }
            Row::Changed { before, after } => {
                let side = |side: Option<(usize, Marked)>, class: &str, sign: &str| match side {
                    Some((number, marked)) => format!(
                        "<span class=\"n {class}\">{number}</span><code role=\"cell\" class=\"{class}\"><i aria-hidden=\"true\">{sign}</i>{}<mark>{}</mark>{}</code>",
                        escape(marked.before),
                        escape(marked.changed),
                        escape(marked.after)
                    ),
                    None => {
                        "<span class=\"n none\"></span><code role=\"cell\" class=\"none\"></code>"
                            .to_owned()
                    }
                };
                writeln!(
                    out,
                    "<div class=\"row\" role=\"row\">{}{}</div>",
                    side(before, "removed", "−"),
                    side(after, "added", "+")
                )?;
            }
        }
    }
    writeln!(out, "</div>")
}
