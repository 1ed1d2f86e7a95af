//! The command `check` on components.

use anyhow::{Context, Result};
use isyswasfa_migrate::component::{Use, uses};
use isyswasfa_migrate::hosts::Host;
use isyswasfa_migrate::moves::moves;
use isyswasfa_migrate::report::{ComponentReport, ComponentUse};
use std::fs;
use std::path::Path;

pub struct Component {
    uses: Vec<Use>,
    path: String,
}

impl Component {
    pub fn read(path: &Path) -> Result<Self> {
        let bytes =
            fs::read(path).with_context(|| format!("failed to read `{}`", path.display()))?;
        let uses = uses(&bytes)
            .with_context(|| format!("failed to read the component `{}`", path.display()))?;
        Ok(Self {
            uses,
            path: path.display().to_string(),
        })
    }

    /// Interfaces of WASI 0.2, and what the host doesn't link.
    fn findings(&self, host: Option<&Host>) -> Vec<&Use> {
        self.uses
            .iter()
            .filter(|used| is_old(used) || host.is_some_and(|host| lacks(host, used)))
            .collect()
    }

    pub fn report(&self, host: Option<&Host>) -> ComponentReport {
        let uses = self.findings(host).into_iter().map(|used| ComponentUse {
            direction: if used.is_export { "export" } else { "import" },
            interface: used.interface.clone(),
            version: used.version.as_ref().map(ToString::to_string),
            becomes: used.becomes.clone(),
            from_std: used.from_std,
            linked: host.map(|host| !lacks(host, used)),
            message: message(used, host),
        });
        ComponentReport {
            path: self.path.clone(),
            uses: uses.collect(),
        }
    }
}

fn message(used: &Use, host: Option<&Host>) -> String {
    let version = used
        .version
        .as_ref()
        .map(|version| format!("@{version}"))
        .unwrap_or_default();
    let direction = if used.is_export { "exports" } else { "imports" };
    let becomes = match &used.becomes {
        Some(to) => format!("in 0.3 `{to}`"),
        None if moves().get(&used.interface).is_some() && is_old(used) => "gone in 0.3".to_owned(),
        None => "not of 0.2".to_owned(),
    };
    let std = if used.from_std {
        "; the standard library imports it for any program"
    } else {
        ""
    };
    let host = host
        .filter(|host| lacks(host, used))
        .map(|host| format!("; {} doesn't link it", host.title))
        .unwrap_or_default();
    format!(
        "{direction} {}{version}: {becomes}{std}{host}",
        used.interface
    )
}

fn is_old(used: &Use) -> bool {
    used.interface.starts_with("wasi:")
        && used
            .version
            .as_ref()
            .is_some_and(|version| (version.major, version.minor) == (0, 2))
}

/// What a component exports is called by the host, in the version that the host knows.
fn lacks(host: &Host, used: &Use) -> bool {
    used.interface.starts_with("wasi:")
        && used
            .version
            .as_ref()
            .is_some_and(|version| !host.links(version))
}
