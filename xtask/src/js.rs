//! `cargo xtask js`: the package in the folder `js`, tested in Node and in Chromium without JSPI.
//!
//! (1) Install jco and what drives the browser. (2) Lower cases, and let jco make JavaScript of them. (3) Check the package's types
//!     against those that jco writes. (4) Run `tests/js` with Node, and, if there is a Chromium, with that.

use crate::guest::Backend;
use crate::languages::javascript::Node;
use crate::process;
use crate::project::{self, Project};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The oldest Node that the package supports.
const NODE_AT_LEAST: u32 = 20;

/// The cases and guests of tests that the scenarios use.
const COMPONENTS: [&str; 8] = [
    "command",
    "echo",
    "faults",
    "functions",
    "hash-all",
    "kinds",
    "pollables",
    "round-trip",
];

/// The composition that they use: the component, and what is plugged in.
const ROUTES: (&str, [&str; 4]) = (
    "router",
    [
        "echo=echo",
        "hash-all=hash-all",
        "middleware=middleware",
        "service,handler=service",
    ],
);

/// What the tests need, installed.
pub struct Tools {
    node: Node,
    modules: PathBuf,
}

pub fn run() -> Result<ExitCode> {
    let project = Project::locate()?;
    let tools = install(&project)?;
    Ok(match tools.test(&project)? {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

/// (1)
///
/// # Errors
/// If it cannot be installed here.
pub fn install(project: &Project) -> Result<Tools> {
    let node = Node::find_or_install(project, NODE_AT_LEAST)?;
    let modules = node.install(project, "tests/js", "js")?;
    Ok(Tools { node, modules })
}

impl Tools {
    /// (2) to (4). Needs the guests and our own programs. Whether all tests passed.
    pub fn test(&self, project: &Project) -> Result<bool> {
        let components = self.transpile_all(project)?;
        self.check_types(project, &components)?;
        let mut tests = vec!["tests/js/node.test.js"];
        let chromium = chromium();
        match &chromium {
            Some(_) => tests.push("tests/js/browser.test.js"),
            None => eprintln!(
                "not run: the tests in a browser: no Chromium is on the path\n\
                 help: install one (Debian: `apt-get install chromium`), or say in `CHROMIUM` where one is"
            ),
        }
        let mut node = Command::new(self.node.program());
        node.current_dir(&project.root)
            .args(["--test", "--test-concurrency=1"])
            .args(tests)
            .env("JS_COMPONENTS", &components)
            .env("JS_MODULES", &self.modules);
        if let Some(chromium) = chromium {
            node.env("CHROMIUM", chromium);
        }
        Ok(node.status().context("failed to start Node")?.success())
    }

    /// Where the JavaScript of all components is: a folder for each.
    fn transpile_all(&self, project: &Project) -> Result<PathBuf> {
        let guests = project::components(&project.target, Backend::Isyswasfa);
        let guest = |name: &str| guests.join(format!("{name}.wasm"));
        let folder = project.target.join("js");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("failed to make `{}`", folder.display()))?;
        for name in COMPONENTS {
            self.transpile(project, &guest(name), &folder, name)?;
        }
        let (main, plugs) = ROUTES;
        let composed = folder.join("routes.composed.wasm");
        let mut compose = Command::new(project.program("polyfill-host"));
        compose.arg("compose").arg(guest(main));
        for plug in plugs {
            let (import, name) = plug.split_once('=').context("a plug without a name")?;
            compose.args([
                "--plug".into(),
                format!("{import}={}", guest(name).display()),
            ]);
        }
        process::run(compose.arg("-o").arg(&composed))?;
        self.transpile(project, &composed, &folder, "routes")?;
        Ok(folder)
    }

    fn transpile(&self, project: &Project, from: &Path, folder: &Path, name: &str) -> Result<()> {
        let lowered = folder.join(format!("{name}.wasm"));
        process::run(
            Command::new(project.program("polyfill-host"))
                .args(["lower", "--for", "js"])
                .arg(from)
                .arg("-o")
                .arg(&lowered),
        )?;
        process::run(
            Command::new(self.node.program())
                .arg(self.modules.join("@bytecodealliance/jco/dist/jco.js"))
                .arg("transpile")
                .arg(&lowered)
                .args(["--instantiation", "async", "--quiet", "--name", name, "-o"])
                .arg(folder.join(name)),
        )
    }

    /// (3)
    fn check_types(&self, project: &Project, components: &Path) -> Result<()> {
        let typescript = self.modules.join("typescript/bin/tsc");
        // Where the imports of the test lead.
        let config = components.join("tsconfig.json");
        let paths = serde_json::json!({
            "compilerOptions": {
                "strict": true,
                "noEmit": true,
                "target": "es2022",
                "module": "nodenext",
                "lib": ["es2022", "dom"],
                "types": [],
                // jco writes a declaration that is none for functions that are called `new`.
                "skipLibCheck": true,
                "paths": {
                    "isyswasfa": [project.root.join("js/index.d.ts")],
                    "components/*": [components.join("*")],
                },
            },
            "files": [project.root.join("tests/js/types.test.ts")],
        });
        std::fs::write(&config, paths.to_string())
            .with_context(|| format!("failed to write `{}`", config.display()))?;
        process::run(
            Command::new(self.node.program())
                .arg(typescript)
                .arg("--project")
                .arg(&config)
                .stdout(std::io::stderr()),
        )
    }
}

/// The browser: that in `CHROMIUM`, or one on the path.
fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let mut names = ["chromium", "chromium-browser", "google-chrome"].into_iter();
    named.or_else(|| names.find_map(process::find))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn the_package_has_the_core_of_other_lowered_components() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let read = |file: &str| std::fs::read(root.join(file)).unwrap();
        assert!(
            read("js/core.wasm") == read("tools/src/lower/core.wasm"),
            "the files differ\nhelp: `cp tools/src/lower/core.wasm js/core.wasm`"
        );
    }
}
