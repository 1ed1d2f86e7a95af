//! The records that the tests have kept of hosts, one JSON file each.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::path::Path;

/// One thing that a host did.
#[derive(Deserialize)]
pub struct Record {
    /// The name of the host.
    pub host: String,
    pub kind: Kind,
    /// The component; for bodies, how they arrive; for refusals, the build.
    pub what: String,
    /// The host's own words.
    pub said: Option<String>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Serves,
    Bodies,
    Runs,
    Refuses,
}

/// All records in a folder, ordered by content.
pub fn read(folder: &Path) -> Result<Vec<Record>> {
    let failed = || format!("failed to read `{}`", folder.display());
    let mut records = vec![];
    for entry in std::fs::read_dir(folder).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        let failed = || format!("failed to read `{}`", path.display());
        let text = std::fs::read(&path).with_context(failed)?;
        records.push(serde_json::from_slice::<Record>(&text).with_context(failed)?);
    }
    records.sort_by(|a, b| (&a.what, &a.said).cmp(&(&b.what, &b.said)));
    Ok(records)
}
