//! `wasi:http/types.response`.

use http::StatusCode;
use wasmtime::component::{LinkerInstance, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi_http::FieldMap;

use super::body::{Contents, MessageBody, Trailers, Transmission};
use super::resource;
use super::state::HttpState;
use super::table::Named;
use crate::core::Weigh;
use crate::split::SplitView;
use crate::trace::called;

/// The resource.
pub(crate) struct Response {
    pub status: StatusCode,
    pub headers: FieldMap,
    pub body: MessageBody,
}

impl Weigh for Response {
    fn weight(&self) -> usize {
        self.headers.weight()
    }
}

impl Named for Response {
    const WHAT: &str = "a response";
}

type This = Resource<Response>;

/// Defines the resource and its functions.
pub fn add<T: SplitView>(types: &mut LinkerInstance<'_, T>) -> Result<()> {
    types.resource("response", resource::<Response>(), |mut store, rep| {
        let ctx = called(&mut store);
        let response = HttpState::of(ctx).responses.take(Resource::new_own(rep))?;
        response.body.drop(ctx)
    })?;
    types.func_wrap(
        "[static]response.new",
        |mut store: StoreContextMut<'_, T>,
         (headers, contents, trailers): (Resource<FieldMap>, Option<Contents>, Trailers)| {
            let ctx = called(&mut store);
            let mut headers = HttpState::of(ctx).fields.take(headers)?;
            headers.set_immutable();
            let (body, transmission) = MessageBody::new(ctx, contents, trailers)?;
            let response = HttpState::of(ctx).responses.push(Response {
                status: StatusCode::OK,
                headers,
                body,
            })?;
            Ok(((response, transmission),))
        },
    )?;
    types.func_wrap(
        "[static]response.consume-body",
        |mut store: StoreContextMut<'_, T>, (this, handled): (This, Transmission)| {
            let ctx = called(&mut store);
            let response = HttpState::of(ctx).responses.take(this)?;
            Ok((response.body.consume(ctx, handled)?,))
        },
    )?;
    types.func_wrap(
        "[method]response.get-status-code",
        |mut store: StoreContextMut<'_, T>, (this,): (This,)| {
            let response = HttpState::of(called(&mut store)).responses.get(&this)?;
            Ok((response.status.as_u16(),))
        },
    )?;
    types.func_wrap(
        "[method]response.set-status-code",
        |mut store: StoreContextMut<'_, T>, (this, code): (This, u16)| {
            let response = HttpState::of(called(&mut store)).responses.get_mut(&this)?;
            // RFC 9110 has 100 to 599, and those below 200 are not final responses. hyper's type would accept more.
            let done = match StatusCode::from_u16(code) {
                Ok(status) if (200..=599).contains(&code) => {
                    response.status = status;
                    Ok(())
                }
                _ => Err(()),
            };
            Ok((done,))
        },
    )?;
    types.func_wrap(
        "[method]response.get-headers",
        |mut store: StoreContextMut<'_, T>, (this,): (This,)| {
            let http = HttpState::of(called(&mut store));
            let headers = http.responses.get(&this)?.headers.clone();
            Ok((http.fields.push(headers)?,))
        },
    )
}
