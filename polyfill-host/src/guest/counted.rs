//! Counts the memory that guests make wasmtime's WASI HTTP hold, in 0.2 and native 0.3.
//!
//! wasmtime has a limit for the number of resources, and one for the size of one `fields`, but none for a request's method or
//! authority, or for all resources together. So the functions that make wasmtime hold more are wrapped: each adds the new bytes
//! to a [`Tally`](super::tally::Tally). Freed bytes are not reported. When the tally reaches the budget, the real size of all
//! resources is computed, and the tally is set to it.

use wasmtime::component::{Linker, LinkerInstance, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi_http::p2::types::{HostOutgoingRequest, HostOutgoingResponse};
use wasmtime_wasi_http::{FieldMap, WasiHttpView, p2};

use super::Guest;
use super::tally::{BODY, p2_method, p2_scheme, p3_method, p3_scheme};
use crate::core::Weigh;
use crate::http::weight;

/// The name of counted things in errors of the budget.
const HEADERS: &str = "headers or trailers";
const REQUEST: &str = "a request's method, scheme, authority or path";

type Fields = Resource<FieldMap>;
type Store<'a> = StoreContextMut<'a, Guest>;

/// The functions of `fields`, which have the same names in both versions, and those of a request, whose resource differs.
macro_rules! counted {
    ($module:ident, $version:ident, $request:literal, $resource:ty, $host:ident, $method:path, $scheme:path) => {
        mod $module {
            use super::*;
            use wasmtime_wasi_http::$version::bindings::http::types::{
                HostFields, Method, Scheme, $host,
            };

            /// Replaces wasmtime's functions by the counted ones.
            pub fn add(types: &mut LinkerInstance<'_, Guest>) -> Result<()> {
                types.func_wrap(
                    "[static]fields.from-list",
                    |mut store: Store<'_>, (entries,): (Vec<(String, Vec<u8>)>,)| {
                        let weights = entries
                            .iter()
                            .map(|(name, value)| weight::of_field(name.len(), value.len()));
                        add_weight(&mut store, weights.sum(), HEADERS)?;
                        let made = HostFields::from_list(&mut store.data_mut().http(), entries);
                        answer(made, |error| error.downcast())
                    },
                )?;
                types.func_wrap(
                    "[method]fields.set",
                    |mut store: Store<'_>,
                     (fields, name, values): (Fields, String, Vec<Vec<u8>>)| {
                        let values_len = values
                            .iter()
                            .map(|value| weight::of_field(name.len(), value.len()));
                        add_weight(&mut store, values_len.sum(), HEADERS)?;
                        let done =
                            HostFields::set(&mut store.data_mut().http(), fields, name, values);
                        answer(done, |error| error.downcast())
                    },
                )?;
                types.func_wrap(
                    "[method]fields.append",
                    |mut store: Store<'_>, (fields, name, value): (Fields, String, Vec<u8>)| {
                        add_weight(
                            &mut store,
                            weight::of_field(name.len(), value.len()),
                            HEADERS,
                        )?;
                        let done =
                            HostFields::append(&mut store.data_mut().http(), fields, name, value);
                        answer(done, |error| error.downcast())
                    },
                )?;
                types.func_wrap(
                    "[method]fields.clone",
                    |mut store: Store<'_>, (fields,): (Fields,)| {
                        let weight = store.data_mut().http().table.get(&fields)?.weight();
                        add_weight(&mut store, weight, HEADERS)?;
                        Ok((HostFields::clone(&mut store.data_mut().http(), fields)?,))
                    },
                )?;
                types.func_wrap(
                    concat!("[method]", $request, ".set-method"),
                    |mut store: Store<'_>, (request, method): (Resource<$resource>, Method)| {
                        add_weight(&mut store, $method(&method), REQUEST)?;
                        Ok(($host::set_method(
                            &mut store.data_mut().http(),
                            request,
                            method,
                        )?,))
                    },
                )?;
                types.func_wrap(
                    concat!("[method]", $request, ".set-scheme"),
                    |mut store: Store<'_>,
                     (request, scheme): (Resource<$resource>, Option<Scheme>)| {
                        add_weight(&mut store, scheme.as_ref().map_or(0, $scheme), REQUEST)?;
                        Ok(($host::set_scheme(
                            &mut store.data_mut().http(),
                            request,
                            scheme,
                        )?,))
                    },
                )?;
                types.func_wrap(
                    concat!("[method]", $request, ".set-authority"),
                    |mut store: Store<'_>,
                     (request, text): (Resource<$resource>, Option<String>)| {
                        add_weight(&mut store, text.as_ref().map_or(0, String::len), REQUEST)?;
                        Ok(($host::set_authority(
                            &mut store.data_mut().http(),
                            request,
                            text,
                        )?,))
                    },
                )?;
                types.func_wrap(
                    concat!("[method]", $request, ".set-path-with-query"),
                    |mut store: Store<'_>,
                     (request, text): (Resource<$resource>, Option<String>)| {
                        add_weight(&mut store, text.as_ref().map_or(0, String::len), REQUEST)?;
                        Ok(($host::set_path_with_query(
                            &mut store.data_mut().http(),
                            request,
                            text,
                        )?,))
                    },
                )
            }
        }
    };
}

counted!(
    v2,
    p2,
    "outgoing-request",
    wasmtime_wasi_http::p2::types::HostOutgoingRequest,
    HostOutgoingRequest,
    p2_method,
    p2_scheme
);
counted!(
    v3,
    p3,
    "request",
    wasmtime_wasi_http::p3::Request,
    HostRequest,
    p3_method,
    p3_scheme
);

/// Counts what guests make the `wasi:http/types` of WASI 0.2 hold, which wasmtime has defined under this name.
///
/// # Errors
///
/// If a function cannot be defined.
pub(crate) fn count_p2(linker: &mut Linker<Guest>, name: &str) -> Result<()> {
    shadowing(linker, name, |types| {
        v2::add(types)?;
        types.func_wrap(
            "[method]outgoing-request.body",
            |mut store: Store<'_>, (request,): (Resource<HostOutgoingRequest>,)| {
                add_weight(&mut store, BODY, "the body of a request")?;
                let mut http = store.data_mut().http();
                Ok((p2::bindings::http::types::HostOutgoingRequest::body(
                    &mut http, request,
                )?,))
            },
        )?;
        types.func_wrap(
            "[method]outgoing-response.body",
            |mut store: Store<'_>, (response,): (Resource<HostOutgoingResponse>,)| {
                add_weight(&mut store, BODY, "the body of a response")?;
                let mut http = store.data_mut().http();
                Ok((p2::bindings::http::types::HostOutgoingResponse::body(
                    &mut http, response,
                )?,))
            },
        )
    })
}

/// The same for the native one of WASI 0.3.
///
/// # Errors
///
/// If a function cannot be defined.
pub(crate) fn count_p3(linker: &mut Linker<Guest>, name: &str) -> Result<()> {
    shadowing(linker, name, v3::add)
}

fn shadowing(
    linker: &mut Linker<Guest>,
    name: &str,
    add: fn(&mut LinkerInstance<'_, Guest>) -> Result<()>,
) -> Result<()> {
    linker.allow_shadowing(true);
    add(&mut linker.instance(name)?)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// The result of a function that may fail, for a guest. `code` makes an error code of an error that is not a trap.
fn answer<T, E, C>(
    done: Result<T, E>,
    code: impl FnOnce(E) -> Result<C>,
) -> Result<(Result<T, C>,)> {
    Ok((match done {
        Ok(done) => Ok(done),
        Err(error) => Err(code(error)?),
    },))
}

fn add_weight(store: &mut Store<'_>, bytes: usize, what: &str) -> Result<()> {
    match bytes {
        0 => Ok(()),
        bytes => store.data_mut().hold(bytes, what),
    }
}
