//! The command `split`: the split ABI of a package.

use anyhow::{Result, bail};
use isyswasfa_migrate::load::load;
use std::path::PathBuf;
use std::process::ExitCode;

/// Prints the split ABI of a world: what a host of WASI 0.2 sees of a component for 0.3
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  isyswasfa-migrate split wit
  isyswasfa-migrate split wit --world service")]
pub struct Arguments {
    wit: PathBuf,
    /// Which world; not needed if there is one
    #[arg(long)]
    world: Option<String>,
}

pub fn run(arguments: Arguments) -> Result<ExitCode> {
    let (resolve, package) = load(&arguments.wit)?;
    let worlds = &resolve.packages[package].worlds;
    let names = || {
        worlds
            .keys()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let world = match &arguments.world {
        Some(name) => match worlds.get(name) {
            Some(world) => *world,
            None => bail!("there is no world `{name}`, but {}", names()),
        },
        None if worlds.len() == 1 => worlds[0],
        None => bail!("which world?\nhelp: `--world` one of {}", names()),
    };
    let split = isyswasfa_wit::split(&resolve, world)?;
    say!("{}", isyswasfa_wit::print(&split).trim_end());
    Ok(ExitCode::SUCCESS)
}
