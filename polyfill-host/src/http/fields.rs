//! `wasi:http/types.fields`.

use http::HeaderValue;
use wasmtime::component::{LinkerInstance, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi_http::p3::bindings::http::types::HeaderError;
use wasmtime_wasi_http::{FieldMap, FieldMapError};

use super::hooks::HttpHooks;
use super::resource;
use super::state::HttpState;
use super::table::Named;
use super::weight;
use crate::split::SplitView;
use crate::trace::called;

impl Named for FieldMap {
    const WHAT: &str = "headers or trailers";
}

type Fields = Resource<FieldMap>;
type Entries = Vec<(String, Vec<u8>)>;

/// Defines the resource and its functions.
pub fn add<T: SplitView>(types: &mut LinkerInstance<'_, T>) -> Result<()> {
    types.resource("fields", resource::<FieldMap>(), |mut store, rep| {
        http(&mut store)
            .fields
            .take(Resource::new_own(rep))
            .map(drop)
    })?;
    types.func_wrap(
        "[constructor]fields",
        |mut store: StoreContextMut<'_, T>, ()| {
            let http = http(&mut store);
            Ok((http.fields.push(FieldMap::new_mutable(http.field_bytes))?,))
        },
    )?;
    types.func_wrap(
        "[static]fields.from-list",
        |mut store: StoreContextMut<'_, T>, (entries,): (Entries,)| {
            let http = http(&mut store);
            let mut fields = FieldMap::new_mutable(http.field_bytes);
            for (name, value) in entries {
                if let Err(error) = fields.append(&mut http.hooks, name, value) {
                    return Ok((Err(header_error(error)),));
                }
            }
            Ok((Ok(http.fields.push(fields)?),))
        },
    )?;
    types.func_wrap(
        "[method]fields.clone",
        |mut store: StoreContextMut<'_, T>, (fields,): (Fields,)| {
            let http = http(&mut store);
            let mut copy = http.fields.get(&fields)?.clone();
            copy.set_mutable(http.field_bytes);
            Ok((http.fields.push(copy)?,))
        },
    )?;
    add_getters(types)?;
    add_setters(types)
}

fn add_getters<T: SplitView>(types: &mut LinkerInstance<'_, T>) -> Result<()> {
    types.func_wrap(
        "[method]fields.get",
        |mut store: StoreContextMut<'_, T>, (fields, name): (Fields, String)| {
            let fields = http(&mut store).fields.get(&fields)?;
            Ok((bytes(fields.get_all(name).iter()),))
        },
    )?;
    types.func_wrap(
        "[method]fields.has",
        |mut store: StoreContextMut<'_, T>, (fields, name): (Fields, String)| {
            Ok((http(&mut store).fields.get(&fields)?.contains_key(name),))
        },
    )?;
    types.func_wrap(
        "[method]fields.copy-all",
        |mut store: StoreContextMut<'_, T>, (fields,): (Fields,)| {
            let fields = http(&mut store).fields.get(&fields)?;
            let entries: Entries = fields
                .iter()
                .map(|(name, value)| (name.as_str().to_string(), value.as_bytes().to_vec()))
                .collect();
            Ok((entries,))
        },
    )
}

fn add_setters<T: SplitView>(types: &mut LinkerInstance<'_, T>) -> Result<()> {
    types.func_wrap(
        "[method]fields.set",
        |mut store: StoreContextMut<'_, T>,
         (fields, name, values): (Fields, String, Vec<Vec<u8>>)| {
            change(&mut store, fields, name, |map, hooks, name| {
                map.set(hooks, name, values)
            })
        },
    )?;
    types.func_wrap(
        "[method]fields.delete",
        |mut store: StoreContextMut<'_, T>, (fields, name): (Fields, String)| {
            change(&mut store, fields, name, |map, hooks, name| {
                map.remove_all(hooks, name).map(drop)
            })
        },
    )?;
    types.func_wrap(
        "[method]fields.get-and-delete",
        |mut store: StoreContextMut<'_, T>, (fields, name): (Fields, String)| {
            change(&mut store, fields, name, |map, hooks, name| {
                Ok(bytes(map.remove_all(hooks, name)?.iter()))
            })
        },
    )?;
    types.func_wrap(
        "[method]fields.append",
        |mut store: StoreContextMut<'_, T>, (fields, name, value): (Fields, String, Vec<u8>)| {
            append(&mut store, fields, name, value)
        },
    )
}

/// Changes the fields of a name, and returns the guest's part of the result.
fn change<T: SplitView, R>(
    store: &mut StoreContextMut<'_, T>,
    fields: Fields,
    name: String,
    what: impl FnOnce(&mut FieldMap, &mut HttpHooks, String) -> Result<R, FieldMapError>,
) -> Result<(Result<R, HeaderError>,)> {
    let HttpState {
        fields: table,
        hooks,
        ..
    } = http(store);
    let done = table.change(&fields, |map| {
        let of_name = name.clone();
        let before = weight::of_name(map, &of_name);
        let done = what(map, hooks, name);
        (done, before, weight::of_name(map, &of_name))
    })?;
    Ok((done.map_err(header_error),))
}

/// Adds a value to those of a name. Its weight does not depend on their number.
fn append<T: SplitView>(
    store: &mut StoreContextMut<'_, T>,
    fields: Fields,
    name: String,
    value: Vec<u8>,
) -> Result<(Result<(), HeaderError>,)> {
    let HttpState {
        fields: table,
        hooks,
        ..
    } = http(store);
    let done = table.change(&fields, |map| {
        let weight = weight::of_field(name.len(), value.len());
        match map.append(hooks, name, value) {
            Ok(_) => (Ok(()), 0, weight),
            Err(error) => (Err(error), 0, 0),
        }
    })?;
    Ok((done.map_err(header_error),))
}

fn bytes<'a>(values: impl Iterator<Item = &'a HeaderValue>) -> Vec<Vec<u8>> {
    values.map(|value| value.as_bytes().to_vec()).collect()
}

fn http<'a, T: SplitView>(store: &'a mut StoreContextMut<'_, T>) -> &'a mut HttpState {
    HttpState::of(called(store))
}

fn header_error(error: FieldMapError) -> HeaderError {
    match error {
        FieldMapError::Immutable => HeaderError::Immutable,
        FieldMapError::InvalidHeaderName | FieldMapError::InvalidHeaderValue => {
            HeaderError::InvalidSyntax
        }
        FieldMapError::TooManyFields | FieldMapError::TotalSizeTooBig => HeaderError::SizeExceeded,
        FieldMapError::Forbidden => HeaderError::Forbidden,
    }
}
