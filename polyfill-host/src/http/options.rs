//! `wasi:http/types.request-options`.

use std::time::Duration;

use wasmtime::component::{LinkerInstance, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi_http::RequestOptions;
use wasmtime_wasi_http::p3::bindings::http::types::RequestOptionsError;

use super::resource;
use super::state::HttpState;
use super::table::Named;
use crate::core::Weigh;
use crate::split::SplitView;

/// The resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub options: RequestOptions,
    pub mutable: bool,
}

impl Weigh for Options {
    fn weight(&self) -> usize {
        0
    }
}

impl Named for Options {
    const WHAT: &str = "the options of a request";
}

/// One of the three timeouts.
type Timeout = fn(&mut RequestOptions) -> &mut Option<Duration>;

/// Defines the resource and its functions.
pub fn add<T: SplitView>(types: &mut LinkerInstance<'_, T>) -> Result<()> {
    types.resource(
        "request-options",
        resource::<Options>(),
        |mut store, rep| {
            http(&mut store)
                .options
                .take(Resource::new_own(rep))
                .map(drop)
        },
    )?;
    types.func_wrap(
        "[constructor]request-options",
        |mut store: StoreContextMut<'_, T>, ()| {
            Ok((http(&mut store).options.push(Options {
                options: RequestOptions::default(),
                mutable: true,
            })?,))
        },
    )?;
    types.func_wrap(
        "[method]request-options.clone",
        |mut store: StoreContextMut<'_, T>, (options,): (Resource<Options>,)| {
            let http = http(&mut store);
            let options = http.options.get(&options)?.options;
            Ok((http.options.push(Options {
                options,
                mutable: true,
            })?,))
        },
    )?;
    let timeouts: [(&str, Timeout); 3] = [
        ("connect-timeout", |options| &mut options.connect_timeout),
        ("first-byte-timeout", |options| {
            &mut options.first_byte_timeout
        }),
        ("between-bytes-timeout", |options| {
            &mut options.between_bytes_timeout
        }),
    ];
    for (name, timeout) in timeouts {
        types.func_wrap(
            &format!("[method]request-options.get-{name}"),
            move |mut store: StoreContextMut<'_, T>, (options,): (Resource<Options>,)| {
                let mut options = http(&mut store).options.get(&options)?.options;
                // It was set from a `u64` below, or by a host for which more means forever.
                let timeout = timeout(&mut options)
                    .map(|timeout| u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX));
                Ok((timeout,))
            },
        )?;
        types.func_wrap(
            &format!("[method]request-options.set-{name}"),
            move |mut store: StoreContextMut<'_, T>,
                  (options, value): (Resource<Options>, Option<u64>)| {
                let options = http(&mut store).options.get_mut(&options)?;
                if !options.mutable {
                    return Ok((Err(RequestOptionsError::Immutable),));
                }
                *timeout(&mut options.options) = value.map(Duration::from_nanos);
                Ok((Ok(()),))
            },
        )?;
    }
    Ok(())
}

fn http<'a, T: SplitView>(store: &'a mut StoreContextMut<'_, T>) -> &'a mut HttpState {
    HttpState::of(store.data_mut().split())
}
