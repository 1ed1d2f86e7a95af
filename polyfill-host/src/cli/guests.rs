//! The options that `run` and `serve` share: what guests see and may use.

use super::env::EnvArg;
use super::settings::{self, Settings};
use super::suboptions::OrHelp;
use super::{Failure, logging};
use crate::BadInput;
use crate::options::{GuestOptions, Outbound, Preopen, Target};
use crate::trace::TraceFile;
use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Debug, Args)]
pub(super) struct GuestArgs {
    /// Which ABI a native component of WASI 0.3 is run through; those of other ABIs run as they are
    ///
    /// `--abi split` does what `polyfill-host translate` does, before the component is compiled.
    #[arg(long, value_enum, value_name = "ABI", default_value_t = RunAs::Native)]
    abi: RunAs,

    /// Log each start, result, poll and cancelling of the split ABI's calls, as the host sees them
    #[arg(long)]
    trace_calls: bool,

    /// Write a trace of split components' calls, for Perfetto (ui.perfetto.dev) or Chrome
    ///
    /// Each component has a track: when it was entered, and what it told the core meanwhile; below it another one for its tasks,
    /// which are calls that were not done at once. Arrows lead from who waits to what it waits for, and from who wakes to whom.
    /// Each instance is a process.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,

    /// Let guests use a directory, under another name if one follows, and only for reading with
    /// `::ro`
    #[arg(long = "dir", value_name = "HOST[::GUEST][::ro]")]
    dirs: Vec<Preopen>,

    /// Give guests an environment variable; without a value, as this process has it
    #[arg(long = "env", value_name = "NAME[=VALUE]")]
    envs: Vec<EnvArg>,

    /// Let guests reach only these hosts, by HTTP or by sockets (those by address only)
    ///
    /// `example.com`, `example.com:443`, `*.example.com` (any name below it), `127.0.0.1:8080`,
    /// `[::1]:80`, `*:443`. Without this option, outgoing HTTP may go anywhere.
    #[arg(long, value_name = "HOST[:PORT]")]
    allow_outbound: Vec<Target>,

    /// Calls that may wait for a component of WASI 0.2 behind an async import, which does one thing at a time; further callers
    /// wait until there is room
    ///
    /// `polyfill-host compose` says which calls are bridged so.
    #[arg(long, value_name = "N", default_value_t = GuestOptions::DEFAULT_BRIDGE_QUEUE)]
    bridge_queue: NonZeroUsize,

    /// What guests may use: `-S help` lists it
    #[arg(short = 'S', long = "wasi", value_name = "KEY[=VALUE],…", value_parser = OrHelp(|command| settings::WASI.help(&Settings::of_command(command))))]
    wasi: Vec<String>,

    /// Limits on guests: `-W help` lists them
    #[arg(short = 'W', long = "wasm", value_name = "KEY[=VALUE],…", value_parser = OrHelp(|command| settings::WASM.help(&Settings::of_command(command))))]
    wasm: Vec<String>,

    /// How components are compiled: `-C help` lists it
    #[arg(short = 'C', long = "codegen", value_name = "KEY[=VALUE],…", value_parser = OrHelp(|command| settings::CODEGEN.help(&Settings::of_command(command))))]
    codegen: Vec<String>,

    /// What makes guests fast: `-O help` lists it
    #[arg(short = 'O', long = "optimize", value_name = "KEY[=VALUE],…", value_parser = OrHelp(|command| settings::OPTIMIZE.help(&Settings::of_command(command))))]
    optimize: Vec<String>,
}

/// What a native component of WASI 0.3 is run as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum RunAs {
    /// What it is, on an engine with async functions
    Native,
    /// Translated to the split ABI, on an engine without
    Split,
}

impl GuestArgs {
    /// Applies `-S`, `-W`, `-C` and `-O`, and starts logging.
    pub(super) fn apply(&self, settings: &mut Settings) -> Result<(), Failure> {
        for (group, given) in [
            (settings::WASI, &self.wasi),
            (settings::WASM, &self.wasm),
            (settings::CODEGEN, &self.codegen),
            (settings::OPTIMIZE, &self.optimize),
        ] {
            // Reported by clap, as any other mistake on the command line.
            group
                .apply(given, settings)
                .unwrap_or_else(|error| error.exit());
        }
        logging::init(self.trace_calls)?;
        Ok(())
    }

    /// Puts the other options into the settings.
    ///
    /// # Errors
    /// If this process does not have a variable that guests are to get, or the trace cannot be written.
    pub(super) fn resolve(&self, settings: &mut Settings) -> Result<(), BadInput> {
        let guest = &mut settings.guest;
        guest.dirs = self.dirs.clone();
        guest.bridge_queue = self.bridge_queue;
        guest.translate = self.abi == RunAs::Split;
        if settings.inherit_env {
            // Guests only know text.
            guest.env = std::env::vars_os()
                .filter_map(|(name, value)| {
                    Some((name.into_string().ok()?, value.into_string().ok()?))
                })
                .collect();
        }
        for env in self.envs.clone() {
            let (name, value) = env.resolve()?;
            guest.env.retain(|(own, _)| *own != name);
            guest.env.push((name, value));
        }
        if !self.allow_outbound.is_empty() {
            guest.outbound = Outbound::only(self.allow_outbound.clone());
        }
        if let Some(path) = &self.trace {
            let file = TraceFile::create(path).map_err(|error| {
                BadInput::new(format!(
                    "failed to write the trace `{}`: {error}",
                    path.display()
                ))
            })?;
            guest.trace = Some(Arc::new(file));
            // The trace reads from the stack which component has entered which, through all of them.
            settings.engine.max_backtrace = NonZeroUsize::new(1000);
        }
        Ok(())
    }
}

/// Closes the trace, if there is one.
pub(super) fn finish(trace: Option<Arc<TraceFile>>) -> Result<(), Failure> {
    let finished = trace.map_or(Ok(()), |trace| trace.finish());
    finished.map_err(|error| Failure::Other(anyhow::anyhow!("failed to write the trace: {error}")))
}
