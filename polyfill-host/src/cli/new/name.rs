//! The name of a new project.

use crate::BadInput;
use std::fmt;
use std::path::Path;

/// Names that Cargo refuses or warns of, although they look like any other: Rust's keywords and its own crates.
const RESERVED: &[&str] = &[
    "abstract", "alloc", "as", "async", "await", "become", "box", "break", "const", "continue",
    "core", "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen",
    "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv",
    "pub", "ref", "return", "self", "static", "std", "struct", "super", "test", "trait", "true",
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// A name that Cargo, npm and file systems accept: words of lower-case letters and digits, joined by `-`.
#[derive(Debug)]
pub struct Name(String);

impl Name {
    /// The last part of the path.
    ///
    /// # Errors
    /// If there is none, or if it is no such name.
    pub fn of(folder: &Path) -> Result<Self, BadInput> {
        let shown = folder.display();
        let Some(name) = folder.file_name() else {
            return Err(
                BadInput::new(format!("`{shown}` does not end in a project's name"))
                    .help("give the name of a new folder, such as `hello`"),
            );
        };
        let name = name.to_string_lossy();
        let word = |word: &str| {
            let is_ordinary = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(is_ordinary)
        };
        if !name.split('-').all(word) {
            return Err(BadInput::new(format!("`{name}` is not a valid name of a project"))
                .help("a name is words of lower-case letters and digits, joined by `-`, such as `hello` or `log-requests`"));
        }
        if RESERVED.contains(&&*name) {
            return Err(
                BadInput::new(format!("the name `{name}` is reserved by Rust"))
                    .help(format!("give another one, such as `my-{name}`")),
            );
        }
        Ok(Self(name.into_owned()))
    }

    /// The name of the Rust crate, and of the component that Cargo makes of it.
    pub fn krate(&self) -> String {
        self.0.replace('-', "_")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_words_joined_by_hyphens() {
        for valid in ["hello", "a1", "log-requests", "some/where/hello", "../x"] {
            assert!(Name::of(Path::new(valid)).is_ok(), "{valid}");
        }
        let invalid = [
            "",
            ".",
            "..",
            "/",
            "Hello",
            "hello_world",
            "1st",
            "a--b",
            "-a",
            "a-",
            "a-1",
            "é",
            "a b",
            "fn",
            "test",
        ];
        for invalid in invalid {
            assert!(Name::of(Path::new(invalid)).is_err(), "{invalid}");
        }
    }
}
