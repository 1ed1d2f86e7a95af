//! A Markdown document of the repository, and its blocks and links.

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("`tests` is a folder of the repository")
}

/// A document, by its path from the root.
pub struct Page {
    pub path: String,
    pub text: String,
}

/// A fenced block.
pub struct Block<'a> {
    pub language: &'a str,
    pub text: &'a str,
    /// The line before it: a comment may say which file it is from.
    pub before: &'a str,
}

impl Page {
    pub fn read(path: &str) -> Page {
        let text = fs::read_to_string(root().join(path));
        Page {
            path: path.to_owned(),
            text: text.unwrap_or_else(|error| panic!("`{path}`: {error}")),
        }
    }

    pub fn blocks(&self) -> Vec<Block<'_>> {
        let mut blocks = Vec::new();
        let mut parts = self.text.split("\n```");
        let mut prose = parts.next().unwrap_or_default();
        while let (Some(block), after) = (parts.next(), parts.next()) {
            let (language, text) = block.split_once('\n').unwrap_or((block, ""));
            blocks.push(Block {
                language,
                text,
                before: prose.lines().next_back().unwrap_or_default(),
            });
            prose = after.unwrap_or_else(|| panic!("`{}`: a block has no end", self.path));
        }
        blocks
    }

    /// The text without blocks and without `code`.
    pub fn prose(&self) -> String {
        let outside = self.text.split("\n```").step_by(2);
        let lines = outside.flat_map(|part| part.lines().skip(usize::from(part.starts_with('\n'))));
        let plain = lines.map(|line| line.split('`').step_by(2).collect::<Vec<_>>().join("`"));
        plain.collect::<Vec<_>>().join("\n")
    }

    /// What links are called, and where they lead.
    pub fn links(&self) -> Vec<(String, String)> {
        let prose = self.prose();
        let ends = prose.match_indices("](").filter_map(|(at, _)| {
            let name = &prose[prose[..at].rfind('[')? + 1..at];
            let target = prose[at + 2..].split(')').next()?;
            Some((name.to_owned(), target.to_owned()))
        });
        ends.collect()
    }

    /// The anchors of its headings.
    pub fn anchors(&self) -> Vec<String> {
        let outside = self.text.split("\n```").step_by(2);
        let lines = outside.flat_map(str::lines);
        let headings = lines.filter(|line| line.starts_with('#'));
        headings
            .map(|line| {
                let text = line.trim_start_matches('#').trim().to_lowercase();
                let kept = text
                    .chars()
                    .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
                kept.collect::<String>().replace(' ', "-")
            })
            .collect()
    }
}

/// All documents of the repository, by their paths from the root.
pub fn documents() -> Vec<String> {
    let mut found = Vec::new();
    collect(root().to_owned(), &mut found);
    found
}

fn collect(folder: PathBuf, found: &mut Vec<String>) {
    // Not ours: what was built, what was downloaded, and what Git keeps.
    const SKIPPED: [&str; 3] = ["target", "node_modules", ".git"];
    for entry in fs::read_dir(&folder).expect("a folder").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && !SKIPPED.iter().any(|skipped| *skipped == name) {
            collect(path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            let path = path.strip_prefix(root()).expect("below the root");
            found.push(path.to_str().expect("text").replace('\\', "/"));
        }
    }
}
