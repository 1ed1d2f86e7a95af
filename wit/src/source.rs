//! The WIT that a macro was asked for, found and parsed: `generate!` and `bindgen!` look in the same places.

use crate::wasi::{ALL, Wasi};
use std::error::Error;
use std::path::{Path, PathBuf};
use wit_parser::{ParseError, Resolve, ResolveError, SourceMap, WorldId};

/// The WIT that was asked for.
pub struct Wanted<'a> {
    /// Where the WIT is, relative to the package that is being built. Empty: not given.
    pub paths: &'a [PathBuf],
    /// The versions of WASI whose embedded WIT the rest can refer to: `0.3.2`, or `0.3` for the newest.
    pub wasi: &'a [String],
    /// WIT in the source itself.
    pub inline: Option<&'a str>,
    /// The world, if it was named.
    pub world: Option<&'a str>,
}

/// A world, and the files that it came from.
pub struct Source {
    /// All that was parsed.
    pub resolve: Resolve,
    /// The world that was asked for.
    pub world: WorldId,
    /// The files that the result depends on.
    pub files: Vec<PathBuf>,
}

impl Source {
    /// Parses the WIT into `resolve`, which has the wanted features and is otherwise empty. Macros run where
    /// `CARGO_MANIFEST_DIR` names the package that is being built.
    ///
    /// # Errors
    /// If it cannot be found or parsed. The text has the place in the WIT.
    pub fn parse(mut resolve: Resolve, wanted: &Wanted<'_>) -> Result<Source, String> {
        let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
        match parse_into(&mut resolve, wanted, &root) {
            Ok((world, files)) => Ok(Source {
                resolve,
                world,
                files,
            }),
            Err(error) => Err(render(&error, Some(&resolve.source_map))),
        }
    }
}

fn parse_into(
    resolve: &mut Resolve,
    wanted: &Wanted<'_>,
    root: &Path,
) -> anyhow::Result<(WorldId, Vec<PathBuf>)> {
    let (mut packages, mut files) = (Vec::new(), Vec::new());
    for version in wanted.wasi {
        let wasi = Wasi::find(version).ok_or_else(|| unknown(version))?;
        packages.extend(wasi.push(resolve)?);
    }
    let mut paths = wanted.paths.to_vec();
    // Beside WIT in the source, the folder may be there: what is in the source may need it.
    let can_do_without = wanted.inline.is_some() || !wanted.wasi.is_empty();
    if paths.is_empty() && (!can_do_without || root.join("wit").exists()) {
        paths.push(PathBuf::from("wit"));
    }
    // A world without the name of its package is one of the caller's own.
    if !paths.is_empty() {
        packages.clear();
    }
    for path in paths {
        let path = root.join(path);
        // Messages then have a path that exists. The parser says what is wrong with the file.
        let path = path.canonicalize().unwrap_or(path);
        let (package, sources) = resolve.push_path(path)?;
        packages.push(package);
        files.extend(sources.paths().map(Path::to_owned));
    }
    if let Some(inline) = wanted.inline {
        packages = vec![resolve.push_str("macro-input", inline)?];
    }
    let world = resolve.select_world(&packages, wanted.world)?;
    Ok((world, files))
}

fn unknown(version: &str) -> anyhow::Error {
    let known: Vec<_> = ALL
        .iter()
        .map(|wasi| format!("`{}`", wasi.version))
        .collect();
    anyhow::anyhow!(
        "no WIT of WASI `{version}` is embedded\nhelp: {}, or give a folder with it as `path`",
        known.join(", ")
    )
}

/// An error with its causes, and its place in the WIT if that is known.
pub fn render(error: &anyhow::Error, sources: Option<&SourceMap>) -> String {
    let one = |error: &(dyn Error + 'static)| {
        if let (Some(sources), Some(error)) = (sources, error.downcast_ref::<ParseError>()) {
            return error.render(sources);
        }
        if let (Some(sources), Some(error)) = (sources, error.downcast_ref::<ResolveError>()) {
            return error.render(sources);
        }
        error.to_string()
    };
    let mut causes = error.chain();
    let mut text = causes.next().map(one).unwrap_or_default();
    for cause in causes {
        text.push_str(&format!("\ncaused by: {}", one(cause)));
    }
    text
}
