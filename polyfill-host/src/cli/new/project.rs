//! The files of a new project, made of templates.

use super::language::{Language, World};
use super::name::Name;
use crate::BadInput;
use isyswasfa_wit::wasi::WASI_0_3;
use std::path::{Path, PathBuf};

/// A project, not written yet.
pub struct Project {
    /// Its files.
    pub files: Vec<File>,
    /// The commands that build it, and run what was built, in its folder.
    pub commands: Vec<String>,
}

/// A file of a project.
pub struct File {
    /// Below the project's folder.
    pub path: String,
    pub text: String,
}

/// A checkout of this repository, whose crates a project depends on.
pub struct Checkout(PathBuf);

impl Checkout {
    /// # Errors
    /// If there is none at `path`.
    pub fn at(path: &Path) -> Result<Self, BadInput> {
        let found = path.canonicalize().ok();
        match found.filter(|found| found.join("compat-api/Cargo.toml").is_file()) {
            Some(found) => Ok(Self(found)),
            None => Err(BadInput::new(format!(
                "there is no checkout of the repository at `{}`: a file `compat-api/Cargo.toml` was expected in it",
                path.display()
            ))
            .help("give the folder that the repository was cloned to")),
        }
    }
}

/// The text of a file below `templates`.
macro_rules! template {
    ($path:literal) => {
        include_str!(concat!("templates/", $path))
    };
}

/// The version of the crates that a project depends on, as in a manifest: compatible with this program.
const VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION_MAJOR"),
    ".",
    env!("CARGO_PKG_VERSION_MINOR")
);

impl Project {
    /// # Errors
    /// If there is no such project.
    pub fn new(
        name: &Name,
        language: Language,
        world: World,
        checkout: Option<&Checkout>,
    ) -> Result<Self, BadInput> {
        let (templates, component) = match language {
            Language::Rust => (
                rust(world),
                format!("target/wasm32-wasip2/release/{}.wasm", name.krate()),
            ),
            Language::Python => (python(world), format!("{name}.wasm")),
            Language::Js => (js(world)?, format!("{name}.wasm")),
        };
        let build: &[&str] = match language {
            Language::Rust => &[
                "rustup target add wasm32-wasip2    # once",
                "cargo build --release",
            ],
            Language::Python => &[
                "pip install -r requirements.txt    # once; best in a virtual environment",
                "componentize-py -d wit -w app componentize app -o {{component}}",
            ],
            Language::Js => &["npm install    # once", "npm run build"],
        };
        let run: &[&str] = match world {
            World::Service => &["polyfill-host serve {{component}}"],
            World::Command => &["polyfill-host run {{component}} Ada"],
            // `SERVICE.wasm`: of another project.
            World::Middleware => &[
                "polyfill-host compose {{component}} --plug SERVICE.wasm -o app.wasm",
                "polyfill-host serve app.wasm",
            ],
            World::Custom => &["polyfill-host run --invoke 'greet(\"Ada\")' {{component}}"],
        };
        let krate = |krate: &str| match checkout {
            None => format!("version = \"{VERSION}\""),
            Some(Checkout(path)) => {
                let path = path.join(krate).display().to_string();
                // A string of JSON is one of TOML.
                format!("path = {}", serde_json::Value::from(path))
            }
        };
        let fill = |text: &str| {
            let lines = |lines: &[&str]| lines.join("\n    ");
            text.replace("{{build}}", &lines(build))
                .replace("{{run}}", &lines(run))
                .replace("{{component}}", &component)
                .replace("{{name}}", &name.to_string())
                .replace("{{compat-api}}", &krate("compat-api"))
                .replace("{{polyfill-guest}}", &krate("polyfill-guest"))
        };
        let mut files: Vec<_> = templates
            .into_iter()
            .map(|(path, text)| File {
                path: path.into(),
                text: fill(text),
            })
            .collect();
        if files
            .iter()
            .any(|file| file.text.contains("wasi:") && file.path == "wit/world.wit")
        {
            files.extend(WASI_0_3.files.iter().map(|file| File {
                path: format!("wit/deps/{}.wit", file.package),
                text: file.text.into(),
            }));
        }
        let commands = build
            .iter()
            .chain(run)
            .map(|command| fill(command))
            .collect();
        Ok(Self { files, commands })
    }
}

/// Paths and templates of a Rust project.
fn rust(world: World) -> Vec<(&'static str, &'static str)> {
    let mut files = vec![
        (".cargo/config.toml", template!("rust/config.toml")),
        (".gitignore", template!("rust/gitignore")),
    ];
    files.extend(match world {
        World::Service => vec![
            ("Cargo.toml", template!("rust/service/manifest.toml")),
            ("README.md", template!("rust/service/readme.md")),
            ("src/lib.rs", template!("rust/service/lib.rs")),
        ],
        World::Command => vec![
            ("Cargo.toml", template!("rust/command/manifest.toml")),
            ("README.md", template!("rust/command/readme.md")),
            ("src/lib.rs", template!("rust/command/lib.rs")),
        ],
        World::Middleware => vec![
            ("Cargo.toml", template!("rust/middleware/manifest.toml")),
            ("README.md", template!("rust/middleware/readme.md")),
            ("src/lib.rs", template!("rust/middleware/lib.rs")),
            ("wit/world.wit", template!("rust/middleware/world.wit")),
        ],
        World::Custom => vec![
            ("Cargo.toml", template!("rust/custom/manifest.toml")),
            ("README.md", template!("rust/custom/readme.md")),
            ("src/lib.rs", template!("rust/custom/lib.rs")),
            ("wit/world.wit", template!("custom.wit")),
        ],
    });
    files
}

/// Paths and templates of a Python project.
fn python(world: World) -> Vec<(&'static str, &'static str)> {
    let mut files = vec![
        (".gitignore", template!("python/gitignore")),
        ("README.md", template!("python/readme.md")),
        ("requirements.txt", template!("python/requirements.txt")),
    ];
    files.extend(match world {
        World::Service => [
            ("app.py", template!("python/service/app.py")),
            ("wit/world.wit", template!("python/service/world.wit")),
        ],
        World::Command => [
            ("app.py", template!("python/command/app.py")),
            ("wit/world.wit", template!("python/command/world.wit")),
        ],
        World::Middleware => [
            ("app.py", template!("python/middleware/app.py")),
            ("wit/world.wit", template!("python/middleware/world.wit")),
        ],
        World::Custom => [
            ("app.py", template!("python/custom/app.py")),
            ("wit/world.wit", template!("custom.wit")),
        ],
    });
    files
}

/// Paths and templates of a JavaScript project.
fn js(world: World) -> Result<Vec<(&'static str, &'static str)>, BadInput> {
    let mut files = vec![
        (".gitignore", template!("js/gitignore")),
        ("README.md", template!("js/readme.md")),
        ("package.json", template!("js/package.json")),
    ];
    files.extend(match world {
        World::Service => [
            ("app.js", template!("js/service/app.js")),
            ("wit/world.wit", template!("js/service/world.wit")),
        ],
        World::Command => [
            ("app.js", template!("js/command/app.js")),
            ("wit/world.wit", template!("js/command/world.wit")),
        ],
        World::Custom => [
            ("app.js", template!("js/custom/app.js")),
            ("wit/world.wit", template!("custom.wit")),
        ],
        // It runs the component once while building, and then has no async functions to import.
        World::Middleware => {
            return Err(BadInput::new(format!(
                "`--lang {}` has no `--world {world}`: `componentize-qjs` supports no imports of async functions",
                Language::Js
            ))
            .help(format!(
                "use `--lang {}` or `--lang {}`",
                Language::Rust,
                Language::Python
            )));
        }
    });
    Ok(files)
}
