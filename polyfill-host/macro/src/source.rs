//! Finds and parses the WIT that was asked for.

use crate::options::Options;
use std::error::Error;
use std::path::{Path, PathBuf};
use wit_parser::{ParseError, Resolve, ResolveError, SourceMap, WorldId};

/// A world, and the files that it came from.
pub struct Source {
    pub resolve: Resolve,
    pub world: WorldId,
    pub files: Vec<PathBuf>,
}

impl Source {
    /// Parses what `options` name, relative to the folder of the package that is being built.
    pub fn parse(options: &Options) -> Result<Source, String> {
        let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
        // As wasmtime's macro does: what is marked as unstable is there.
        let mut resolve = Resolve {
            all_features: true,
            ..Resolve::default()
        };
        match parse_into(&mut resolve, options, &root) {
            Ok((world, files)) => Ok(Source {
                resolve,
                world,
                files,
            }),
            Err(error) => Err(render(&error, &resolve.source_map)),
        }
    }
}

fn parse_into(
    resolve: &mut Resolve,
    options: &Options,
    root: &Path,
) -> anyhow::Result<(WorldId, Vec<PathBuf>)> {
    let mut paths = options.paths.clone();
    // Beside WIT in the source, the folder may be there: what is in the source may need it.
    if paths.is_empty() && (options.inline.is_none() || root.join("wit").exists()) {
        paths.push(PathBuf::from("wit"));
    }
    let (mut packages, mut files) = (Vec::new(), Vec::new());
    for path in paths {
        let path = root.join(path);
        // Messages then say a path that one can look at; what is wrong with it, the parser says.
        let path = path.canonicalize().unwrap_or(path);
        let (package, sources) = resolve.push_path(path)?;
        packages.push(package);
        files.extend(sources.paths().map(Path::to_owned));
    }
    if let Some(inline) = &options.inline {
        packages = vec![resolve.push_str("macro-input", inline)?];
    }
    let world = resolve.select_world(&packages, options.world.as_deref())?;
    Ok((world, files))
}

/// An error with its causes, and its place in the WIT if that is known.
fn render(error: &anyhow::Error, sources: &SourceMap) -> String {
    let one = |error: &(dyn Error + 'static)| {
        if let Some(error) = error.downcast_ref::<ParseError>() {
            return error.render(sources);
        }
        if let Some(error) = error.downcast_ref::<ResolveError>() {
            return error.render(sources);
        }
        error.to_string()
    };
    let causes: Vec<_> = error.chain().map(one).collect();
    causes.join("\ncaused by: ")
}
