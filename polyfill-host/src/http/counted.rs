//! wasmtime's WASI HTTP, 0.2 and native 0.3, with what guests make it hold counted.
//!
//! wasmtime has a limit for the number of resources, and one for the size of one `fields`, but none for what a request's method or
//! authority takes, or all resources together. So the functions by which a guest makes it hold more are wrapped: each adds what it
//! brings to a [`Tally`]. What goes away again is not told. Instead, when the tally has reached the budget, all resources are looked
//! through, and the tally becomes what there is.

use wasmtime::component::{Linker, LinkerInstance, Resource, ResourceTable};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi_http::p2::body::HostOutgoingBody;
use wasmtime_wasi_http::p2::types::{
    HostIncomingResponse, HostOutgoingRequest, HostOutgoingResponse,
};
use wasmtime_wasi_http::p3::{Request, Response};
use wasmtime_wasi_http::{FieldMap, WasiHttpView, p2, p3};

use super::hooks::P2_BODY_CHUNK;
use crate::core::{Budget, Share, Weigh, weight};
use crate::guest::Guest;

/// What wasmtime's resources of one store hold, roughly: at least as much as there is.
pub(crate) struct Tally {
    share: Share,
    budget: Budget,
    /// So much must be held before the resources are looked through anew: each look is for many additions.
    next_look: usize,
}

impl Tally {
    /// Nothing yet.
    pub fn new(budget: &Budget) -> Self {
        Tally {
            share: budget.share(),
            budget: budget.clone(),
            next_look: budget.max(),
        }
    }

    /// A guest is about to make the resources in `table` hold `bytes` more.
    ///
    /// # Errors
    ///
    /// If the host holds too much with them: a trap. `what` is what they are for.
    pub fn add(&mut self, table: &mut ResourceTable, bytes: usize, what: &str) -> Result<()> {
        self.share.set(self.share.held() + bytes);
        if self.budget.held() <= self.next_look {
            return Ok(());
        }
        self.share.set(held(table) + bytes);
        self.budget.check(what)?;
        let max = self.budget.max();
        self.next_look = max.max(self.budget.held() + max / 16);
        Ok(())
    }
}

/// What the resources in a table take.
fn held(table: &mut ResourceTable) -> usize {
    let mut sum = 0;
    for resource in table.iter_mut() {
        let resource = &*resource;
        sum += if let Some(fields) = resource.downcast_ref::<FieldMap>() {
            fields.weight()
        } else if let Some(request) = resource.downcast_ref::<Request>() {
            request.method.weight()
                + request.scheme.weight()
                + request.authority.weight()
                + request.path_with_query.weight()
                + request.headers.weight()
        } else if let Some(response) = resource.downcast_ref::<Response>() {
            response.headers.weight()
        } else if let Some(request) = resource.downcast_ref::<HostOutgoingRequest>() {
            let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
            p2_method(&request.method)
                + request.scheme.as_ref().map_or(0, p2_scheme)
                + text(&request.authority)
                + text(&request.path_with_query)
                + request.headers.weight()
        } else if let Some(response) = resource.downcast_ref::<HostOutgoingResponse>() {
            response.headers.weight()
        } else if let Some(response) = resource.downcast_ref::<HostIncomingResponse>() {
            response.headers.weight()
        } else if resource.is::<HostOutgoingBody>() {
            BODY
        } else {
            0
        };
    }
    sum
}

fn p2_method(method: &p2::bindings::http::types::Method) -> usize {
    match method {
        p2::bindings::http::types::Method::Other(text) => text.len(),
        _ => 0,
    }
}

fn p2_scheme(scheme: &p2::bindings::http::types::Scheme) -> usize {
    match scheme {
        p2::bindings::http::types::Scheme::Other(text) => text.len(),
        _ => 0,
    }
}

fn p3_method(method: &p3::bindings::http::types::Method) -> usize {
    match method {
        p3::bindings::http::types::Method::Other(text) => text.len(),
        _ => 0,
    }
}

fn p3_scheme(scheme: &p3::bindings::http::types::Scheme) -> usize {
    match scheme {
        p3::bindings::http::types::Scheme::Other(text) => text.len(),
        _ => 0,
    }
}

/// What waits in a body of WASI 0.2 that a guest has open, at most: one chunk in the channel, another one in front of it.
const BODY: usize = 2 * P2_BODY_CHUNK;

const HEADERS: &str = "headers or trailers";
const REQUEST: &str = "a request's method, scheme, authority or path";

type Fields = Resource<FieldMap>;
type Store<'a> = StoreContextMut<'a, Guest>;

/// The functions of `fields`, which both versions have under the same names, and those of a request, whose resource differs.
macro_rules! counted {
    ($module:ident, $version:ident, $request:literal, $resource:ty, $host:ident, $method:path, $scheme:path) => {
        mod $module {
            use super::*;
            use wasmtime_wasi_http::$version::bindings::http::types::{
                HostFields, Method, Scheme, $host,
            };

            /// Puts the counted functions in the place of wasmtime's own.
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

/// What a function that may fail answers a guest. `code`: of an error that is not a trap.
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

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderMap;

    fn fields(len: usize) -> FieldMap {
        let mut map = HeaderMap::new();
        map.insert("x", "v".repeat(len).parse().unwrap());
        FieldMap::new_immutable(&mut super::super::hooks::HttpHooks::default(), map)
    }

    #[test]
    fn what_was_dropped_makes_room() {
        let budget = Budget::new(100_000);
        let (mut tally, mut table) = (Tally::new(&budget), ResourceTable::new());
        // Ten times the budget, but never more than a tenth of it at once.
        for _ in 0..100 {
            tally.add(&mut table, 10_000, HEADERS).unwrap();
            let fields = table.push(fields(10_000)).unwrap();
            table.delete(fields).unwrap();
        }
    }

    #[test]
    fn what_is_kept_does_not() {
        let budget = Budget::new(100_000);
        let (mut tally, mut table) = (Tally::new(&budget), ResourceTable::new());
        let failed = (0..100).find_map(|_| {
            let added = tally.add(&mut table, 10_000, HEADERS);
            table.push(fields(10_000)).unwrap();
            added.err()
        });
        assert!(failed.unwrap().to_string().contains(HEADERS));
        assert!(held(&mut table) < 120_000);
    }
}
