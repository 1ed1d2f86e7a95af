//! Findings that are known: baselines, and comments that allow them.

use super::plural;
use anyhow::{Context, Result};
use isyswasfa_migrate::baseline::Baseline;
use isyswasfa_migrate::{Report, Source, allow, write};
use std::fs;
use std::path::Path;

/// Leaves out what the baseline has.
pub fn leave_out(path: &Path, sources: &[Source], reports: &mut [Report]) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| {
        format!(
            "failed to read `{}`\nhelp: `--write-baseline` makes it",
            path.display()
        )
    })?;
    let mut baseline: Baseline = serde_json::from_str(&text)
        .with_context(|| format!("failed to parse `{}`", path.display()))?;
    for (source, report) in sources.iter().zip(reports) {
        baseline.filter(source, &mut report.findings);
    }
    Ok(())
}

pub fn write_baseline(path: &Path, sources: &[Source], reports: &[Report]) -> Result<()> {
    let mut baseline = Baseline::default();
    for (source, report) in sources.iter().zip(reports) {
        baseline.add(source, &report.findings);
    }
    write::write(path, &(serde_json::to_string_pretty(&baseline)? + "\n"))?;
    eprintln!(
        "wrote {} to `{}`",
        plural(count(reports), "finding"),
        path.display()
    );
    Ok(())
}

/// Writes a comment above each finding.
pub fn allow_all(reason: &str, sources: &[Source], reports: &[Report]) -> Result<()> {
    let found = sources.iter().zip(reports);
    for (source, report) in found.filter(|(_, report)| !report.findings.is_empty()) {
        let comment = source.kind.comment();
        let text = allow::add(&source.text, &report.findings, comment, reason);
        write::replace(&source.path, &text)?;
    }
    eprintln!("allowed {}", plural(count(reports), "finding"));
    Ok(())
}

fn count(reports: &[Report]) -> usize {
    reports.iter().map(|report| report.findings.len()).sum()
}
