//! The page with the picture, and its generated parts.

use super::{PARTS, Steps, svg, table};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

const BEGIN: &str = "<!-- Written by `cargo xtask picture`: -->\n";
const END: &str = "<!-- The end of what is written by `cargo xtask picture`. -->\n";

/// `docs/one-request.md` and the picture beside it.
pub struct Page {
    file: PathBuf,
    text: String,
}

impl Page {
    /// # Errors
    /// If it cannot be read.
    pub fn read() -> Result<Page> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        let file = root.context("no repository")?.join("docs/one-request.md");
        let text = std::fs::read_to_string(&file);
        let text = text.with_context(|| format!("failed to read `{}`", file.display()))?;
        Ok(Page { file, text })
    }

    /// The text of the page, and of the picture.
    ///
    /// # Errors
    /// If the picture cannot be read.
    pub fn texts(&self) -> Result<(String, String)> {
        let picture = self.picture();
        let svg = std::fs::read_to_string(&picture);
        let svg = svg.with_context(|| format!("failed to read `{}`", picture.display()))?;
        Ok((self.text.clone(), svg))
    }

    /// Both texts for these steps.
    ///
    /// # Errors
    /// If the page has no place for them.
    pub fn with(&self, steps: &Steps) -> Result<(String, String)> {
        let place = || {
            let (before, rest) = self.text.split_once(BEGIN)?;
            let (_, after) = rest.split_once(END)?;
            Some((before, after))
        };
        let (before, after) =
            place().with_context(|| format!("`{}` has no place for steps", self.file.display()))?;
        let table = table(steps);
        let columns: Vec<&str> = PARTS.iter().map(|(_, part)| *part).collect();
        let text = format!("{before}{BEGIN}\n{table}\n{END}{after}");
        Ok((text, svg(steps, &columns)))
    }

    /// Writes both.
    ///
    /// # Errors
    /// If the page has no place for the steps, or something cannot be written.
    pub fn write(&self, steps: &Steps) -> Result<()> {
        let (text, svg) = self.with(steps)?;
        for (file, text) in [(&self.file, text), (&self.picture(), svg)] {
            let written = std::fs::write(file, text);
            written.with_context(|| format!("failed to write `{}`", file.display()))?;
        }
        Ok(())
    }

    fn picture(&self) -> PathBuf {
        self.file.with_extension("svg")
    }
}
