//! `polyfill-host compose`.

use super::{Failure, output};
use crate::BadInput;
use crate::compose::{self, Bridged, Composition, Part, Plug, compose, compose_document};
use clap::Args;
use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;

/// Composes components: makes one of several, the exports of some behind the imports of others
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct ComposeArgs {
    /// The component whose imports are to be served, and whose exports the composition has; or a
    /// `.wac` file
    #[arg(value_name = "COMPONENT")]
    main: PathBuf,

    /// A component that serves imports; any number of times
    ///
    /// `IMPORT` is an import's full name, or that without the version, or only the interface's own
    /// name. Without it, the component serves the imports that have the names of its exports.
    #[arg(long = "plug", value_name = "[IMPORT[,IMPORT…]=]COMPONENT")]
    plugs: Vec<PlugArg>,

    /// With a `.wac` file: the component that it calls PACKAGE, instead of `deps/NS/NAME.wasm`
    /// beside it
    #[arg(long = "dep", value_name = "PACKAGE=COMPONENT")]
    deps: Vec<Dep>,

    /// Where the composition is written to
    #[arg(short, long, value_name = "OUT.WASM")]
    output: PathBuf,
}

const AFTER_HELP: &str = "\
Examples:
  polyfill-host compose middleware.wasm --plug service.wasm -o app.wasm
  polyfill-host compose outer.wasm --plug middleware.wasm --plug service.wasm -o app.wasm
  polyfill-host compose router.wasm --plug echo=echo.wasm --plug hash-all=hash-all.wasm \\
      --plug middleware=middleware.wasm --plug service,handler=service.wasm -o app.wasm
  polyfill-host compose app.wac --dep test:echo=echo.wasm -o app.wasm

What goes where:
  - Each --plug is one instance. The same component given twice is two instances of it.
  - A plug serves the component and the plugs given before it, so that a chain is written from the
    outside to the inside, and there are no cycles.
  - With IMPORT= it serves every import of that name which nothing serves yet: one instance for
    several importers (`service` of the router and `handler` of the middleware, above).
  - Without, it serves those imports that have the name of one of its exports. If there are none, it
    serves the one import under a label (`import echo: interface { … }`) that has the type of one
    of its exports; if it fits several, say which.
  - The first plug that fits an import has it. A plug that serves nothing is an error.
  - What is left open stays an import of the composition, once for each name.

Versions are compatible as in semantic versioning (0.3.1 and 0.3.2, 1.2 and 1.9), those of the split
ABI too (0.3.1-isyswasfa and 0.3.2-isyswasfa), if the types fit.
Components of the split ABI compose with each other (native ones of WASI 0.3 among them are translated),
native ones with each other, and
those of WASI 0.2 that have nothing async in their interfaces with both.

A component of WASI 0.2 can also be plugged where the same interface with async functions is
imported, and an async one where it is imported without: `polyfill-host run` and `serve` bridge the
two (other hosts cannot). Calls of the sync component are made one at a time, beside everything else,
and wait in a queue (`serve --bridge-queue`). Interfaces with resources, streams or futures are not
bridged, nor what `.wac` files connect.

The output appears whole or not at all; a device or pipe is written to. The exit status is 2 if the components do not compose.";

/// `--plug [IMPORT[,IMPORT…]=]COMPONENT`
#[derive(Debug, Clone, PartialEq, Eq)]
struct PlugArg {
    imports: Vec<String>,
    component: PathBuf,
}

impl FromStr for PlugArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A file whose name has a `=` can be given as `./…`, since no import has a dot before its version.
        let (imports, component) = match text.split_once('=') {
            Some((imports, component)) if !imports.starts_with(['.', '/']) => (imports, component),
            _ => ("", text),
        };
        let imports: Vec<_> = imports
            .split(',')
            .map(str::trim)
            .filter(|import| !import.is_empty())
            .map(str::to_owned)
            .collect();
        if component.is_empty() || (component != text && imports.is_empty()) {
            return Err("expected `COMPONENT` or `IMPORT=COMPONENT`".to_owned());
        }
        Ok(Self {
            imports,
            component: component.into(),
        })
    }
}

/// `--dep PACKAGE=COMPONENT`
#[derive(Debug, Clone)]
struct Dep {
    package: String,
    component: PathBuf,
}

impl FromStr for Dep {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((package, component)) if package.contains(':') && !component.is_empty() => {
                Ok(Self {
                    package: package.to_owned(),
                    component: component.into(),
                })
            }
            _ => Err("expected `NS:NAME=COMPONENT`".to_owned()),
        }
    }
}

impl ComposeArgs {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let composed = if is_document(&self.main) {
            self.document()?
        } else {
            self.plugged()?
        };
        output::write(&self.output, &composed.wasm)?;
        for name in &composed.translated {
            writeln!(
                io::stderr(),
                "note: `{name}` is native WASI 0.3: it is translated"
            )?;
        }
        for bridged in &composed.bridged {
            tell(bridged)?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn document(&self) -> Result<Composition, Failure> {
        if !self.plugs.is_empty() {
            return Err(BadInput::new(format!(
                "`--plug` is given with the `.wac` file `{}`, which says itself what goes where",
                self.main.display()
            ))
            .help("give its components with `--dep PACKAGE=COMPONENT`")
            .into());
        }
        let mut packages = HashMap::new();
        for Dep { package, component } in &self.deps {
            if packages
                .insert(package.clone(), component.clone())
                .is_some()
            {
                return Err(BadInput::new(format!("`--dep {package}` is given twice"))
                    .help("a `.wac` file can instantiate a package as often as it wants")
                    .into());
            }
        }
        Ok(compose_document(&self.main, packages)?)
    }

    fn plugged(&self) -> Result<Composition, Failure> {
        if let Some(dep) = self.deps.first() {
            return Err(BadInput::new(format!(
                "`--dep {}` is given with `{}`, which is no `.wac` file",
                dep.package,
                self.main.display()
            ))
            .help("give components with `--plug`")
            .into());
        }
        let files = [&self.main].into_iter();
        let files = files.chain(self.plugs.iter().map(|plug| &plug.component));
        let mut parts = files.map(|file| Part::from_file(file));
        if self.plugs.is_empty() {
            return Err(BadInput::new(format!(
                "nothing is plugged into `{}`",
                self.main.display()
            ))
            .help("`--plug COMPONENT` gives a component that serves its imports")
            .into());
        }
        let main = parts
            .next()
            .expect("the component itself is the first part")?;
        let plugs = parts.zip(&self.plugs).map(|(part, plug)| {
            Ok::<_, compose::Error>(Plug {
                part: part?,
                imports: plug.imports.clone(),
            })
        });
        Ok(compose(main, plugs.collect::<Result<_, _>>()?)?)
    }
}

/// Says what has become a bridge: it costs time, and only this host has it.
fn tell(bridged: &Bridged) -> io::Result<()> {
    let Bridged {
        importer,
        import,
        plug,
        is_async,
        ..
    } = bridged;
    let how = if *is_async {
        format!("`{plug}` is not async: its calls are made one at a time")
    } else {
        format!("`{plug}` is async: `{importer}` waits for each call")
    };
    writeln!(
        io::stderr(),
        "note: the import `{import}` of `{importer}` is bridged, by polyfill-host only; {how}"
    )
}

fn is_document(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "wac")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plug_has_names_or_none() {
        let plug = |text: &str| text.parse::<PlugArg>().map(|it| (it.imports, it.component));
        let names = |names: &[&str]| names.iter().map(|it| it.to_string()).collect::<Vec<_>>();
        assert_eq!(plug("a.wasm"), Ok((names(&[]), "a.wasm".into())));
        assert_eq!(
            plug("one,a:b/c@1.0.0=x/a.wasm"),
            Ok((names(&["one", "a:b/c@1.0.0"]), "x/a.wasm".into()))
        );
        assert_eq!(plug("./a=b.wasm"), Ok((names(&[]), "./a=b.wasm".into())));
        assert!(plug("=a.wasm").is_err());
        assert!(plug("a=").is_err());
        assert!(plug("").is_err());
    }
}
