//! `polyfill-host new`: the folder of a new project.

mod language;
mod name;
mod project;

use super::Failure;
use crate::BadInput;
use clap::Args;
use language::{Language, World};
use name::Name;
use project::{Checkout, Project};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Writes a new project that builds at once
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct NewArgs {
    /// The folder to make; its last part is the project's name
    #[arg(value_name = "NAME")]
    folder: PathBuf,

    /// The language
    #[arg(long, value_enum, default_value_t = Language::Rust)]
    lang: Language,

    /// What the component exports
    #[arg(long, value_enum, default_value_t = World::Service)]
    world: World,

    /// Depend on the crates of this checkout of the repository, instead of published ones (Rust only)
    #[arg(long, value_name = "PATH")]
    dev: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
Examples:
  polyfill-host new hello
  polyfill-host new greet --world command
  polyfill-host new log-requests --world middleware --lang python
  polyfill-host new hello --dev ../isyswasfa

The project's README has the commands that build and run it. Rust is built with `cargo`, Python with
`componentize-py` and JavaScript with `componentize-qjs`; no other tool is needed.

A Rust project is built for hosts of WASI 0.2 (the split ABI), or, with its feature `native`, for
those of WASI 0.3. Python and JavaScript projects become components of WASI 0.3.

The exit status is 2, and nothing is written, if the folder exists and is not empty.";

impl NewArgs {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let name = Name::of(&self.folder)?;
        let checkout = self.checkout()?;
        let project = Project::new(&name, self.lang, self.world, checkout.as_ref())?;
        refuse_content(&self.folder)?;
        for file in &project.files {
            write(&self.folder.join(&file.path), &file.text)?;
        }
        let folder = self.folder.display();
        println!("made the project `{name}` in `{folder}`; next:\n\n  cd {folder}");
        for command in &project.commands {
            println!("  {command}");
        }
        println!("\nits `README.md` says more");
        Ok(ExitCode::SUCCESS)
    }

    fn checkout(&self) -> Result<Option<Checkout>, BadInput> {
        let Some(path) = &self.dev else {
            return Ok(None);
        };
        if self.lang != Language::Rust {
            return Err(BadInput::new(format!(
                "`--dev` was given, but a project with `--lang {}` depends on no crate",
                self.lang
            ))
            .help("leave out `--dev`"));
        }
        Checkout::at(path).map(Some)
    }
}

/// An error if `folder` exists and is not an empty folder.
fn refuse_content(folder: &Path) -> Result<(), BadInput> {
    let shown = folder.display();
    let (what, help) = match fs::read_dir(folder) {
        Ok(mut entries) => {
            if entries.next().is_none() {
                return Ok(());
            }
            (
                format!("the folder `{shown}` exists and is not empty"),
                "give the name of a folder that does not exist yet, or empty this one",
            )
        }
        Err(_) if !folder.exists() => return Ok(()),
        Err(_) if folder.is_file() => (
            format!("`{shown}` exists and is a file"),
            "give the name of a folder that does not exist yet",
        ),
        Err(error) => (
            format!("the folder `{shown}` exists and cannot be listed: {error}"),
            "give the name of a folder that does not exist yet",
        ),
    };
    Err(BadInput::new(what).help(help))
}

fn write(path: &Path, text: &str) -> Result<(), BadInput> {
    let folder = path.parent().unwrap_or(path);
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, text));
    written.map_err(|error| {
        BadInput::new(format!("failed to write `{}`: {error}", path.display()))
            .help("give the name of a folder in one that can be written to")
    })
}
