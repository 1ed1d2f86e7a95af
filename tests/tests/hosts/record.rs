//! What the tests have shown, one file each, for the tables in `HOSTS.md`.

use super::host::Host;
use serde_json::json;
use std::path::PathBuf;

/// Something that a host did.
pub enum Shown {
    /// Served this component.
    Serves(&'static str),
    /// Sent and took bodies like this.
    Bodies(&'static str),
    /// Ran this command.
    Runs(&'static str),
    /// Refused this build of a guest, and said this.
    Refuses(&'static str, String),
}

impl Host {
    /// Keeps that the host did this; call it when it has. Nothing is kept where nobody has said in which folder.
    ///
    /// # Panics
    /// If it cannot be written down.
    pub fn shown(&self, shown: Shown) {
        let (kind, what, said) = match shown {
            Shown::Serves(what) => ("serves", what, None),
            Shown::Runs(what) => ("runs", what, None),
            Shown::Bodies(how) => ("bodies", how, None),
            Shown::Refuses(build, said) => ("refuses", build, Some(said)),
        };
        let record = json!({ "host": self.name, "kind": kind, "what": what, "said": said });
        let Some(folder) = std::env::var_os("HOST_RECORDS").map(PathBuf::from) else {
            return;
        };
        let file = tempfile::Builder::new()
            .prefix(&format!("{}-{kind}-", self.name))
            .suffix(".json")
            .disable_cleanup(true)
            .tempfile_in(&folder)
            .unwrap_or_else(|error| panic!("no file in `{}`: {error}", folder.display()));
        serde_json::to_writer(file, &record).expect("a record can be written");
    }
}
