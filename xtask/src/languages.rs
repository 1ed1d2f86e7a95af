//! `cargo xtask languages`: the cases in other languages than Rust, as native components that stock tools build.
//!
//! Each tool is installed into the target folder, in the version that `cases/LANGUAGE` asks for. A component is built once, and again
//! when something that it is made of has changed.

mod c;
pub mod javascript;
mod kept;
pub mod python;

use crate::guest::Backend;
use crate::process;
use crate::project::{self, Project};
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

#[derive(clap::Args)]
pub struct Arguments {
    /// Which; not said: all of them
    #[arg(value_name = "LANGUAGE")]
    languages: Vec<Language>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// With `componentize-py`
    Python,
    /// With `componentize-qjs`
    #[value(name = "javascript", alias = "js")]
    JavaScript,
    /// With `wit-bindgen` and Zig's compiler
    C,
}

/// A case in one of the languages: a folder in `cases/LANGUAGE`.
pub struct Case {
    name: &'static str,
    /// Folders of WIT, from the root of the repository.
    wit: &'static [&'static str],
    world: &'static str,
}

/// The tools of a language, installed.
enum Tools {
    Python(python::Tools),
    JavaScript(javascript::Tools),
    C(c::Tools),
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::locate()?;
    let languages = match arguments.languages.as_slice() {
        [] => &Language::ALL,
        some => some,
    };
    for language in languages {
        for component in language.install(&project)?.build_all(&project)? {
            println!("{}", component.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds all cases.
pub fn build_all(project: &Project) -> Result<()> {
    for language in Language::ALL {
        build_all_in(project, language)?;
    }
    Ok(())
}

/// Builds all cases in one language.
pub fn build_all_in(project: &Project, language: Language) -> Result<()> {
    language.install(project)?.build_all(project)?;
    Ok(())
}

/// No case at all, for this reason.
pub fn none(why: &'static str) -> Vec<Missing> {
    let missing = |language| Missing {
        language,
        why: anyhow::Error::msg(why),
    };
    Language::ALL.map(missing).into()
}

/// A language whose cases are not built.
pub struct Missing {
    pub language: Language,
    pub why: anyhow::Error,
}

/// Builds all cases, but those of languages whose tools cannot be installed here.
pub fn build_what_can_be(project: &Project) -> Result<Vec<Missing>> {
    let mut missing = Vec::new();
    for language in Language::ALL {
        match language.install(project) {
            Ok(tools) => drop(tools.build_all(project)?),
            Err(why) => missing.push(Missing { language, why }),
        }
    }
    Ok(missing)
}

impl Language {
    pub const ALL: [Self; 3] = [Self::Python, Self::JavaScript, Self::C];

    /// Its name, as everybody writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "Python",
            Self::JavaScript => "JavaScript",
            Self::C => "C",
        }
    }

    /// The variable that tells tests why its components are not there.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Python => "WITHOUT_PYTHON",
            Self::JavaScript => "WITHOUT_JAVASCRIPT",
            Self::C => "WITHOUT_C",
        }
    }

    fn install(self, project: &Project) -> Result<Tools> {
        let name = self.name();
        let tools = match self {
            Self::Python => python::install(project).map(Tools::Python),
            Self::JavaScript => javascript::install(project).map(Tools::JavaScript),
            Self::C => c::install(project).map(Tools::C),
        };
        tools.with_context(|| format!("failed to install what builds components in {name}"))
    }
}

impl Tools {
    /// Builds the cases that are not built yet, and answers where all of them are.
    fn build_all(&self, project: &Project) -> Result<Vec<PathBuf>> {
        let cases = match self {
            Self::Python(_) => python::CASES,
            Self::JavaScript(_) => javascript::CASES,
            Self::C(_) => c::CASES,
        };
        let cases = cases.iter();
        cases.map(|case| self.build(project, case)).collect()
    }

    fn build(&self, project: &Project, case: &Case) -> Result<PathBuf> {
        let (folder, extension, manifest) = match self {
            Self::Python(_) => ("python", "py", python::MANIFEST),
            Self::JavaScript(_) => ("javascript", "js", javascript::MANIFEST),
            Self::C(_) => ("c", "c", c::MANIFEST),
        };
        let name = format!("{}.{extension}", case.name);
        let components = project::components(&project.target, Backend::Native);
        std::fs::create_dir_all(&components)
            .with_context(|| format!("failed to make `{}`", components.display()))?;
        let component = components.join(format!("{name}.wasm"));
        let source = Path::new("cases").join(folder).join(case.name);
        let wit = case.wit.iter().map(PathBuf::from);
        let made_of = [
            source.clone(),
            manifest.into(),
            "xtask/src/languages".into(),
        ];
        let made_of: Vec<_> = made_of.into_iter().chain(wit).collect();
        kept::build_once(project, &component, &made_of, || {
            eprintln!("building {name}");
            // It appears whole or not at all.
            let partial = components.join(format!("{name}.partial"));
            match self {
                Self::Python(tools) => tools.build(project, case, &source, &partial),
                Self::JavaScript(tools) => tools.build(project, case, &source, &partial),
                Self::C(tools) => tools.build(project, case, &source, &partial),
            }?;
            std::fs::rename(&partial, &component)
                .with_context(|| format!("failed to write `{}`", component.display()))
        })?;
        Ok(component)
    }
}

/// A folder for what a language needs.
fn folder(project: &Project, name: &str) -> Result<PathBuf> {
    let folder = project.target.join("tools").join(name);
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("failed to make `{}`", folder.display()))?;
    Ok(folder)
}

/// Runs a tool in the repository's root; what it prints is ours to stderr.
fn run_tool(project: &Project, command: &mut Command) -> Result<()> {
    command.current_dir(&project.root).stdout(std::io::stderr());
    process::run(command)
}
