//! The report as one page of HTML, for those who plan a migration: what is left by kind, and each file before and after, side by side.

mod diff;
mod file;

use super::{Document, FileReport};
use crate::place::position;
use crate::rules::rule;
use std::io::{self, Write};

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

pub fn print(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let mut concerned: Vec<_> = document
        .files
        .iter()
        .filter(|file| !file.findings.is_empty() || file.error.is_some() || is_changed(file))
        .collect();
    concerned.sort_by_key(|file| file.path());
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>From WASI 0.2 to 0.3: {} left to look at</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#files\">Skip to the files</a>\n<header>\n<h1>From WASI 0.2 to 0.3</h1>",
        document.summary.findings
    )?;
    for line in document.summary.lines() {
        writeln!(out, "<p>{}</p>", inline(&line))?;
    }
    writeln!(out, "</header>\n<main>")?;
    kinds(document, out)?;
    errors(document, out)?;
    components(document, out)?;
    writeln!(
        out,
        "<section aria-labelledby=\"files\">\n<h2 id=\"files\" tabindex=\"-1\">Files</h2>"
    )?;
    if concerned.is_empty() {
        writeln!(out, "<p>There is nothing to change.</p>")?;
    } else {
        controls(document, out)?;
    }
    for (index, file) in concerned.iter().enumerate() {
        file::print(index, file, out)?;
    }
    writeln!(out, "</section>")?;
    rules(document, out)?;
    writeln!(
        out,
        "</main>\n<footer><p>Made by <code>isyswasfa-migrate</code> {}. <em>After</em> is what <code>rewrite --unsafe</code> would write.</p></footer>\n\
         <script>\n{SCRIPT}</script>\n</body>\n</html>",
        env!("CARGO_PKG_VERSION")
    )
}

fn is_changed(file: &FileReport) -> bool {
    file.after.is_some_and(|after| after != file.source.text)
}

/// The table of rules, those that found most first.
fn kinds(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let rules = document.summary.by_count();
    if rules.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section aria-labelledby=\"kinds\">\n<h2 id=\"kinds\">What is found, by kind</h2>\n<div class=\"scroll\">\n<table>\n<thead><tr>\
         <th scope=\"col\">rule</th><th scope=\"col\" class=\"number\">found</th><th scope=\"col\" class=\"number\">safe</th>\
         <th scope=\"col\" class=\"number\">unsafe</th><th scope=\"col\" class=\"number\">by hand</th><th scope=\"col\" class=\"number\">left</th>\
         <th scope=\"col\">what it finds</th></tr></thead>\n<tbody>"
    )?;
    for (name, counts) in rules {
        let left = document.summary.left.as_ref();
        let left = left.map_or_else(String::new, |left| {
            left.rules.get(name).copied().unwrap_or(0).to_string()
        });
        let (summary, link) = match rule(name) {
            Some(rule) => (
                inline(&rule.summary()),
                format!("<a href=\"#rule-{name}\"><code>{name}</code></a>"),
            ),
            None => (String::new(), format!("<code>{name}</code>")),
        };
        writeln!(
            out,
            "<tr><th scope=\"row\">{link}</th><td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td><td class=\"number\">{left}</td><td>{summary}</td></tr>",
            counts.all(),
            counts.safe,
            counts.risky,
            counts.manual
        )?;
    }
    writeln!(
        out,
        "</tbody>\n</table>\n</div>\n<p class=\"note\"><b>safe</b>: <code>rewrite</code> makes it. <b>unsafe</b>: <code>rewrite --unsafe</code> makes it; read it. \
         <b>left</b>: after that, what follows from other changes included; one for each statement.</p>\n</section>"
    )
}

fn errors(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let broken = document.files.iter().filter_map(|file| {
        let error = file.error?;
        let at = position(&file.source.text, error.at);
        Some((
            format!("{}:{}:{}", file.path(), at.line, at.column),
            error.message.clone(),
        ))
    });
    let all: Vec<_> = document.unreadable.iter().cloned().chain(broken).collect();
    if all.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section aria-labelledby=\"errors\">\n<h2 id=\"errors\">Files that could not be looked at</h2>\n<ul>"
    )?;
    for (place, message) in all {
        writeln!(
            out,
            "<li><code>{}</code>: {}</li>",
            escape(&place),
            inline(&message)
        )?;
    }
    writeln!(out, "</ul>\n</section>")
}

fn components(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    if document.components.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section aria-labelledby=\"components\">\n<h2 id=\"components\">Components</h2>"
    )?;
    for component in &document.components {
        writeln!(
            out,
            "<h3><code>{}</code></h3>\n<ul>",
            escape(&component.path)
        )?;
        for used in &component.uses {
            writeln!(out, "<li>{}</li>", inline(&used.message))?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</section>")
}

/// What the script needs: without it, all files are shown.
fn controls(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<form class=\"controls\" hidden>\n<label>Rule <select name=\"rule\"><option value=\"\">all</option>"
    )?;
    for (name, counts) in document.summary.by_count() {
        writeln!(
            out,
            "<option value=\"{name}\">{name} ({})</option>",
            counts.all()
        )?;
    }
    writeln!(
        out,
        "</select></label>\n<label>Fix <select name=\"safety\"><option value=\"\">all</option><option>safe</option><option>unsafe</option>\
         <option value=\"manual\">by hand</option></select></label>\n\
         <button type=\"button\" name=\"open\">Open all</button> <button type=\"button\" name=\"close\">Close all</button>\n\
         <output></output>\n<p class=\"note\"><kbd>j</kbd> and <kbd>k</kbd> go to the next and the previous finding.</p>\n</form>"
    )
}

/// The documentation of each rule that found something.
fn rules(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let found: Vec<_> = document.summary.by_count();
    let found: Vec<_> = found
        .into_iter()
        .filter_map(|(name, _)| rule(name))
        .collect();
    if found.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">Rules</h2>"
    )?;
    for rule in found {
        let documentation = rule.documentation().replace("\n## ", "\n#### ");
        let mut html = String::new();
        pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new(&documentation));
        writeln!(
            out,
            "<details class=\"rule\" id=\"rule-{}\">\n<summary><h3><code>{}</code></h3></summary>\n{html}</details>",
            rule.name, rule.name
        )?;
    }
    writeln!(out, "</section>")
}

/// Text of messages, whose code is between backticks.
fn inline(text: &str) -> String {
    let mut html = String::new();
    let parts: Vec<_> = text.split('`').collect();
    // Without its partner, a backtick is one.
    let paired = parts.len() % 2 == 1;
    for (index, part) in parts.iter().enumerate() {
        let part = escape(part);
        html += &match index % 2 == 1 {
            true if paired => format!("<code>{part}</code>"),
            true => format!("`{part}"),
            false if paired || index == 0 => part,
            false => format!("`{part}"),
        };
    }
    html
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_file_becomes_markup() {
        assert_eq!(escape("<b a=\"&\">"), "&lt;b a=&quot;&amp;&quot;&gt;");
        assert_eq!(inline("a `<b>` c"), "a <code>&lt;b&gt;</code> c");
        assert_eq!(inline("it`s <b>"), "it`s &lt;b&gt;");
    }
}
