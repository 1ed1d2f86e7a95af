//! Reads criterion's results.

use super::row::Row;
use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::Path;

/// The bytes of `stream-bytes` in one iteration (see `benches/src/main.rs`).
const STREAMED: f64 = (64u64 << 20) as f64;
/// The bytes of `stream-write` in one iteration, and the items of `stream-items`.
const WRITTEN: f64 = (256u64 << 20) as f64;
const ITEMS: f64 = 1e6;

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    /// Nanoseconds an iteration.
    point_estimate: f64,
}

/// The rows of the benchmark `calls`, from criterion's folder.
pub fn rows(folder: &Path) -> Result<Vec<Row>> {
    let mut rows = vec![];
    for (row, wanted) in [
        ("call-sync", "-"),
        ("call-ready", "≤ 1/40 = 0.025"),
        ("call-pending", "≤ 1/8 = 0.125"),
    ] {
        rows.push(Row::new(
            row,
            "ns",
            median(folder, row, "ours")?,
            median(folder, row, "native")?,
            wanted,
        ));
    }
    for (row, idle) in [
        ("call-among-1", 1),
        ("call-among-4", 4),
        ("call-among-16", 16),
        ("call-among-64", 64),
    ] {
        rows.push(Row::new(
            row,
            "ns",
            median(folder, "call-among", &format!("ours-{idle}"))?,
            median(folder, "call-among", &format!("native-{idle}"))?,
            "ours as `call-among-1`",
        ));
    }
    // Bytes a nanosecond are gigabytes a second.
    let speed = |abi| anyhow::Ok(STREAMED / median(folder, "stream-bytes", abi)?);
    rows.push(Row::new(
        "stream-bytes",
        "GB/s",
        speed("ours")?,
        speed("native")?,
        "≥ 1/3",
    ));
    let speed = |abi| anyhow::Ok(WRITTEN / median(folder, "stream-write", abi)?);
    rows.push(Row::new(
        "stream-write",
        "GB/s",
        speed("ours")?,
        speed("native")?,
        "≥ 1/3",
    ));
    let each = |abi| anyhow::Ok(median(folder, "stream-items", abi)? / ITEMS);
    rows.push(Row::new(
        "stream-items",
        "ns",
        each("ours")?,
        each("native")?,
        "≤ 1",
    ));
    Ok(rows)
}

fn median(folder: &Path, group: &str, function: &str) -> Result<f64> {
    let path = folder
        .join(group)
        .join(function)
        .join("new")
        .join("estimates.json");
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("failed to read `{}`", path.display()))?;
    let estimates: Estimates = serde_json::from_str(&text)
        .with_context(|| format!("failed to understand `{}`", path.display()))?;
    Ok(estimates.median.point_estimate)
}
