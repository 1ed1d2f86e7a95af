//! C: the generator of `wit-bindgen`, and the compiler and libc of Zig, a package of Python.

use super::python::Environment;
use super::{Case, folder, run_tool};
use crate::guest::component;
use crate::project::Project;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;
use wit_bindgen_core::Files;
use wit_parser::Resolve;

/// What is installed.
pub const MANIFEST: &str = "cases/c/requirements.txt";

pub const CASES: &[Case] = &[Case {
    name: "round-trip",
    wit: &[
        "wit/wasi/0.3",
        "cases/round-trip/wit",
        "cases/c/round-trip/wit",
    ],
    world: "cases:c/round-trip",
}];

pub struct Tools {
    python: PathBuf,
    /// Where it keeps libc, once built.
    cache: PathBuf,
}

pub fn install(project: &Project) -> Result<Tools> {
    let environment = Environment::with(project, MANIFEST)?;
    Ok(Tools {
        python: environment.program("python"),
        cache: folder(project, "zig")?,
    })
}

impl Tools {
    /// Builds a case, whose folder is `source`.
    pub fn build(&self, project: &Project, case: &Case, source: &Path, out: &Path) -> Result<()> {
        let bindings = folder(project, "c")?.join(case.name);
        let module = bindings.join("module.wasm");
        let mut command = Command::new(&self.python);
        command
            .env("ZIG_GLOBAL_CACHE_DIR", &self.cache)
            .env("ZIG_LOCAL_CACHE_DIR", &self.cache)
            .args(["-m", "ziglang", "cc", "-target", "wasm32-wasi"])
            .args(["-mexec-model=reactor", "-std=c17", "-O2"])
            .args(["-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror"])
            .arg("-I")
            .arg(&bindings)
            .arg(source.join("app.c"))
            .args(generate(project, case, &bindings)?)
            .arg("-o")
            .arg(&module);
        run_tool(project, &mut command)?;
        component::encode(&module, out)
    }
}

/// Writes the bindings of a case into a folder, and answers which of them are to be compiled and linked.
fn generate(project: &Project, case: &Case, bindings: &Path) -> Result<Vec<PathBuf>> {
    let mut resolve = Resolve::default();
    let mut packages = Vec::new();
    for wit in case.wit {
        packages.push(resolve.push_path(project.root.join(wit))?.0);
    }
    let world = resolve.select_world(&packages, Some(case.world))?;
    let mut files = Files::default();
    let mut generator = wit_bindgen_c::Opts::default().build();
    generator.generate(&mut resolve, world, &mut files)?;

    let failed = || format!("failed to write into `{}`", bindings.display());
    std::fs::create_dir_all(bindings).with_context(failed)?;
    let mut linked = Vec::new();
    for (name, contents) in files.iter() {
        let path = bindings.join(name);
        std::fs::write(&path, contents).with_context(failed)?;
        if !name.ends_with(".h") {
            linked.push(path);
        }
    }
    Ok(linked)
}
