//! What must hold whenever something is rewritten: it converges, a second time changes nothing, and the result is valid.

#![allow(dead_code, reason = "each test takes a part of it")]

use isyswasfa_migrate::edit::Safety;
use isyswasfa_migrate::{Finding, Options, Source, migrate, place};
use isyswasfa_wit::wasi::{WASI_0_2, WASI_0_3};
use std::path::Path;
use std::sync::LazyLock;
use wit_parser::Resolve;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lang {
    Wit,
    Rust,
    Toml,
    Python,
    JavaScript,
    TypeScript,
}

impl Lang {
    pub fn named(name: &str) -> Self {
        match name {
            "wit" => Self::Wit,
            "rust" => Self::Rust,
            "toml" => Self::Toml,
            "python" | "py" => Self::Python,
            "js" | "mjs" => Self::JavaScript,
            "ts" => Self::TypeScript,
            _ => panic!("no such language: `{name}`"),
        }
    }

    pub fn of(path: &Path) -> Self {
        match path.extension().unwrap().to_str().unwrap() {
            "rs" => Self::Rust,
            name => Self::named(name),
        }
    }

    /// A name for the text; which manifest it is can be seen from what it says.
    fn path(self, text: &str) -> &'static str {
        match self {
            Self::Toml if text.contains("[[packages]]") => "wkg.lock",
            Self::Toml if text.contains("sha256 =") => "deps.lock",
            Self::Wit => "wit/test.wit",
            Self::Rust => "src/lib.rs",
            Self::Toml => "Cargo.toml",
            Self::Python => "app.py",
            Self::JavaScript => "app.js",
            Self::TypeScript => "app.ts",
        }
    }

    /// Examples leave out the `package` line.
    pub fn whole(self, text: &str) -> String {
        match self {
            Self::Wit if !text.contains("package ") && !text.is_empty() => {
                format!("package test:app@1.0.0;\n\n{text}")
            }
            _ => text.to_owned(),
        }
    }
}

/// The text as a file, and beside a manifest an empty library.
fn sources(lang: Lang, text: &str) -> Vec<Source> {
    let mut sources = vec![Source::new(lang.path(text), text).unwrap()];
    if lang == Lang::Toml {
        sources.push(Source::new("src/lib.rs", "").unwrap());
    }
    sources
}

pub fn check(lang: Lang, text: &str, options: &Options) -> Vec<Finding> {
    let mut reports = isyswasfa_migrate::check(&sources(lang, text), options);
    assert_eq!(reports[0].error, None);
    reports.remove(0).findings
}

pub struct Rewritten {
    pub text: String,
    pub left: Vec<Finding>,
}

pub fn rewritten(lang: Lang, text: &str, options: &Options) -> Rewritten {
    let once = |text: &str, level| {
        let mut done = migrate(sources(lang, text), options, level);
        assert_eq!(done.reports[0].error, None, "{text}");
        (done.files.remove(0).text, done.reports.remove(0).findings)
    };
    // The safe fixes alone are valid too, and don't hinder the others.
    let (safe, _) = once(text, Safety::Safe);
    valid(lang, &safe);
    let (text, left) = once(text, Safety::Unsafe);
    assert_eq!(
        once(&safe, Safety::Unsafe).0,
        text,
        "safe fixes first end elsewhere"
    );
    assert_eq!(
        once(&text, Safety::Unsafe).0,
        text,
        "the second time changes something"
    );
    assert!(
        left.iter().all(|finding| finding.fix.is_none()),
        "a fix is left: {left:#?}"
    );
    valid(lang, &text);
    Rewritten { text, left }
}

impl Rewritten {
    /// The text, and what is left to find in it.
    pub fn snapshot(&self, before: &str) -> String {
        let mut snapshot = if self.text == before {
            "(unchanged)\n".to_owned()
        } else {
            self.text.clone()
        };
        for finding in &self.left {
            let at = place::position(&self.text, finding.range.start);
            snapshot += &format!(
                "\n{}:{} {}: {}",
                at.line, at.column, finding.rule, finding.message
            );
            if let Some(help) = &finding.help {
                snapshot += &format!("\n    help: {help}");
            }
        }
        snapshot
    }
}

fn valid(lang: Lang, text: &str) {
    match lang {
        Lang::Wit => valid_wit(text),
        Lang::Rust => drop(syn::parse_file(text).unwrap()),
        Lang::Toml => drop(toml::from_str::<toml::Table>(text).unwrap()),
        // Nothing is rewritten in them.
        Lang::Python | Lang::JavaScript | Lang::TypeScript => {}
    }
}

static WASI: LazyLock<Resolve> = LazyLock::new(|| {
    let mut resolve = Resolve::default();
    for wasi in [&WASI_0_2, &WASI_0_3] {
        wasi.push(&mut resolve).unwrap();
    }
    resolve
});

/// It parses beside WASI's own packages of both versions, and its worlds can be encoded.
fn valid_wit(text: &str) {
    // Nothing offers release candidates; a copy of WASI is valid as published.
    if text.is_empty() || text.contains("package wasi:") || text.contains("@0.3.0-rc") {
        return;
    }
    let mut resolve = WASI.clone();
    let text = with_newest_0_2(text);
    let package = resolve
        .push_source("test.wit", &text)
        .unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    wit_component::encode(&resolve, package, false)
        .unwrap_or_else(|error| panic!("{error:?}\n{text}"));
}

/// A patch version of 0.2 is as good as another here.
fn with_newest_0_2(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("@0.2.") {
        let end = at
            + 5
            + rest[at + 5..]
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(0);
        result += &rest[..at];
        result += "@0.2.12";
        rest = &rest[end..];
    }
    result + rest
}
