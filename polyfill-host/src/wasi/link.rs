//! Defines WASI for split guests in a linker.

use wasmtime::Result;
use wasmtime::component::Linker;
use wasmtime_wasi::WasiView;
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::p3::bindings::{cli, clocks, random};
use wasmtime_wasi::random::{WasiRandom, WasiRandomView};

use crate::split::SplitView;

/// Defines `isyswasfa:core` and WASI 0.3's clocks, cli and random: what moved in the split, in its split form, and what the
/// split leaves as it is, from wasmtime's own WASI 0.3.
///
/// `isyswasfa:pipes/...` depend on the component: see [`add_value_pipes`](crate::split::add_value_pipes).
///
/// # Errors
///
/// If any of it is defined already.
pub fn add_to_linker<T: SplitView + WasiView>(linker: &mut Linker<T>) -> Result<()> {
    add_split_to_linker(linker)?;

    clocks::system_clock::add_to_linker::<T, WasiClocks>(linker, T::clocks)?;
    cli::environment::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::exit::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_input::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_output::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_stdin::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_stdout::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    cli::terminal_stderr::add_to_linker::<T, WasiCli>(linker, T::cli)?;
    random::random::add_to_linker::<T, WasiRandom>(linker, T::random)?;
    random::insecure::add_to_linker::<T, WasiRandom>(linker, T::random)?;
    random::insecure_seed::add_to_linker::<T, WasiRandom>(linker, T::random)
}

/// Defines `isyswasfa:core` and what of WASI 0.3 is other than it was in its split form.
///
/// # Errors
///
/// If any of it is defined already.
pub(crate) fn add_split_to_linker<T: SplitView>(linker: &mut Linker<T>) -> Result<()> {
    add_core_to_linker(linker)?;
    super::clocks::add_to_linker(linker)?;
    super::cli::add_to_linker(linker)
}

/// Defines `isyswasfa:core`, without which no split component runs.
///
/// # Errors
///
/// If any of it is defined already.
pub(crate) fn add_core_to_linker<T: SplitView>(linker: &mut Linker<T>) -> Result<()> {
    crate::core::add_to_linker(linker)?;
    crate::core::add_pollables_to_linker(linker)?;
    crate::pipes::add_to_linker(linker)
}

/// Defines all of WASI 0.2 but http, so that components which import both kinds work.
///
/// # Errors
///
/// If any of it is defined already.
pub fn add_p2_to_linker<T: WasiView>(linker: &mut Linker<T>) -> Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)
}
