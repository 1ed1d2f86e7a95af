//! Explanations: the change that a fix makes, and the reasons for the rules that found something.

use super::full::{Styles, styles};
use super::{Document, FileReport};
use crate::edit::apply;
use crate::finding::Finding;
use crate::rules::rule;
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// The lines that the fixes of a finding alone change, before and after.
pub fn change(
    file: &FileReport,
    finding: &Finding,
    styles: &Styles,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let fixes = finding.parts().filter_map(|part| part.fix.as_ref());
    let after = apply(&file.source.text, fixes);
    if after.made.is_empty() {
        return Ok(());
    }
    let Styles { removed, added, .. } = styles;
    let diff = TextDiff::from_lines(file.source.text.as_str(), &after.text);
    for change in diff.iter_all_changes() {
        let line = change.value().trim_end_matches(['\n', '\r']);
        match change.tag() {
            ChangeTag::Delete => writeln!(out, "    {removed}- {line}{removed:#}")?,
            ChangeTag::Insert => writeln!(out, "    {added}+ {line}{added:#}")?,
            ChangeTag::Equal => {}
        }
    }
    Ok(())
}

/// The reasons for each rule that found something, and what it does about it.
pub fn rules(document: &Document, coloured: bool, out: &mut dyn Write) -> io::Result<()> {
    let findings = document.files.iter().flat_map(|file| file.findings);
    let found: BTreeSet<_> = findings
        .flat_map(Finding::parts)
        .map(|part| part.rule)
        .collect();
    let Styles { rule: yellow, .. } = styles(coloured);
    for rule in found.into_iter().filter_map(rule) {
        writeln!(out, "{yellow}{}{yellow:#}: {}", rule.name, rule.summary())?;
        for section in ["Why", "Fix"] {
            for line in rule.section(section).unwrap_or_default().lines() {
                writeln!(out, "  {line}")?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}
