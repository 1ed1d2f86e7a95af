//! Defines WASI for split guests in a linker.

use wasmtime::Result;
use wasmtime::component::{Component, Linker};
use wasmtime_wasi::WasiView;
use wasmtime_wasi::cli::{WasiCli, WasiCliView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksView};
use wasmtime_wasi::p3::bindings::{cli, clocks, random};
use wasmtime_wasi::random::{WasiRandom, WasiRandomView};

use crate::split::SplitView;

/// Defines `isyswasfa:core` and WASI 0.3's clocks, cli and random: moved interfaces in their split form, and interfaces that
/// the split does not change from wasmtime's own WASI 0.3.
///
/// The interfaces `isyswasfa:pipes/...` depend on the component: see [`add_value_pipes`].
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

/// Defines `isyswasfa:core` and the moved interfaces of WASI 0.3, in their split form.
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

/// Defines every pipe, `isyswasfa:pipes/...`, that the component imports: those of WASI with the types of the host, all others with the
/// types of the component.
///
/// # Errors
///
/// If one is defined already, or is not in the shape of a pipe.
pub fn add_value_pipes<T: SplitView>(linker: &mut Linker<T>, component: &Component) -> Result<()> {
    crate::pipes::add_value_pipes(linker, component, |instance, name| {
        #[cfg(feature = "http")]
        if crate::http::add_typed_pipe(instance, name)? {
            return Ok(true);
        }
        super::cli::add_typed_pipe(instance, name)
    })
}

/// Defines all of WASI 0.2 but http, so that components that import both versions work.
///
/// # Errors
///
/// If any of it is defined already.
pub fn add_p2_to_linker<T: WasiView>(linker: &mut Linker<T>) -> Result<()> {
    wasmtime_wasi::p2::add_to_linker_async(linker)
}
