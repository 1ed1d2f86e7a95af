//! Gives what is run what it imports.

use super::command::CommandAbi;
use super::guest::{Guest, RunOptions};
use wasmtime::component::{Component, Linker};

/// Everything that the component may import.
pub(super) fn linker(
    component: &Component,
    abi: CommandAbi,
    options: &RunOptions,
) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(component.engine());
    match options.guest.cli {
        true => wasmtime_wasi::p2::add_to_linker_async(&mut linker)?,
        false => wasmtime_wasi::p2::add_to_linker_proxy_interfaces_async(&mut linker)?,
    }
    if options.http {
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    }
    match abi {
        CommandAbi::Split => {
            crate::wasi::add_to_linker(&mut linker)?;
            crate::pipes::add_value_pipes(&mut linker, component)?;
            if options.http {
                crate::http::add_to_linker(&mut linker)?;
            }
        }
        CommandAbi::Native if options.guest.p3 => {
            wasmtime_wasi::p3::add_to_linker(&mut linker)?;
            if options.http {
                wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
            }
        }
        CommandAbi::Native | CommandAbi::Plain => {}
    }
    Ok(linker)
}
