//! `wasi:http/client`.

use http::header::TRANSFER_ENCODING;
use http::uri::{PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Method, Uri};
use http_body_util::BodyExt;
use isyswasfa_wit::names::POLL;
use wasmtime::component::{Linker, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody};

use super::body::MessageBody;
use super::client::Client;
use super::error::code_from_error;
use super::incoming::{HostBody, into_fields};
use super::outgoing::{Body, Of, Sent};
use super::request::Request;
use super::response::Response;
use super::state::HttpState;
use super::weight;
use crate::core::{Pending, Share, Weigh};
use crate::split::{SplitCtx, SplitView, add_poll};
use crate::trace::called;
use isyswasfa_wit::names::split_name;

/// The outcome of a request, with its share of the budget. It becomes a resource when the guest fetches it, so a cancelled
/// request leaves nothing.
type Answer = (Result<http::Response<WasiBody>, ErrorCode>, Share);
type Started = Result<Result<Resource<Response>, ErrorCode>, Resource<Pending>>;

/// Defines the interface under one name.
pub fn add<T: SplitView>(linker: &mut Linker<T>, name: &str) -> Result<()> {
    let mut client = linker.instance(name)?;
    add_poll(&mut client, POLL)?;
    let (start, result) = split_name("send");
    client.func_wrap(
        &start,
        |mut store: StoreContextMut<'_, T>,
         (request,): (Resource<Request>,)|
         -> Result<(Started,)> {
            let ctx = called(&mut store);
            let (request, share) = HttpState::of(ctx).requests.take_held(request)?;
            let prepared = match prepare(ctx, request, share)? {
                Ok(prepared) => prepared,
                Err(error) => return Ok((Ok(Err(code_from_error(&error))),)),
            };
            let started = match ctx.core.start("send", prepared.send())? {
                Ok(answer) => Ok(receive(ctx, answer)?),
                Err(pending) => Err(pending),
            };
            Ok((started,))
        },
    )?;
    client.func_wrap(
        &result,
        |mut store: StoreContextMut<'_, T>, (ready,): (Resource<Pending>,)| {
            let ctx = called(&mut store);
            let answer = ctx.core.finish::<Answer>(ready)?;
            Ok((receive(ctx, answer)?,))
        },
    )
}

/// A request that is ready to be sent, outside of the store.
struct Prepared {
    client: Client,
    parts: http::request::Parts,
    body: Body,
    options: RequestOptions,
    sent: Option<Sent>,
    /// The budget for the request.
    share: Share,
}

impl Prepared {
    async fn send(mut self) -> Result<Answer> {
        self.body.settle().await;
        // With these methods, hyper omits a body of unknown length unless the head announces it.
        let unusual = [Method::GET, Method::HEAD].contains(&self.parts.method);
        if unusual && self.body.has_begun().await {
            let chunked = HeaderValue::from_static("chunked");
            self.parts.headers.insert(TRANSFER_ENCODING, chunked);
        }
        let request = http::Request::from_parts(self.parts, self.body.boxed_unsync());
        let answer = self.client.send(request, self.options).await;
        let answer = answer.map_err(|error| code_from_error(&error));
        if let Some(sent) = &self.sent {
            match &answer {
                Ok(_) => sent.answered(),
                Err(code) => sent.fail(code.clone()),
            }
        }
        let weight = match &answer {
            Ok(response) => weight::of_headers(response.headers()),
            Err(code) => code.weight(),
        };
        self.share.hold(weight, "the headers of a response")?;
        Ok((answer, self.share))
    }
}

/// Takes a request apart. The inner error is for the guest: the request cannot be sent.
fn prepare(ctx: &mut SplitCtx, request: Request, share: Share) -> Result<Result<Prepared, Error>> {
    let (client, uri, length) = match check(ctx, &request) {
        Ok(checked) => checked,
        Err(error) => {
            request.body.refuse(ctx, code_from_error(&error))?;
            return Ok(Err(error));
        }
    };
    let body = Body::new(ctx, Of::Request, length, request.body, None)?;
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = request.method;
    parts.uri = uri;
    parts.headers = HeaderMap::from(request.headers);
    Ok(Ok(Prepared {
        client,
        parts,
        sent: body.sent(),
        body,
        options: request.options.unwrap_or_default(),
        share,
    }))
}

fn check(ctx: &mut SplitCtx, request: &Request) -> Result<(Client, Uri, Option<u64>), Error> {
    let client = HttpState::of(ctx)
        .hooks
        .client()
        .ok_or(Error::HttpRequestDenied)?
        .clone();
    let authority = request
        .authority
        .clone()
        .ok_or(Error::HttpRequestUriInvalid)?;
    let mut parts = http::uri::Parts::default();
    parts.scheme = Some(request.scheme.clone().unwrap_or(Scheme::HTTPS));
    parts.authority = Some(authority);
    parts.path_and_query = Some(match &request.path_with_query {
        Some(path) => path.clone(),
        None => PathAndQuery::from_static("/"),
    });
    let uri = Uri::from_parts(parts).map_err(|_| Error::HttpRequestUriInvalid)?;
    Ok((client, uri, content_length(&request.headers)?))
}

/// The length in the header. `fields` has checked that it is one number.
pub(crate) fn content_length(headers: &HeaderMap) -> Result<Option<u64>, Error> {
    match headers.get(http::header::CONTENT_LENGTH) {
        Some(value) => match value.to_str().ok().and_then(|value| value.parse().ok()) {
            Some(length) => Ok(Some(length)),
            None => Err(Error::InternalError(Some(
                "`content-length` is not a number".into(),
            ))),
        },
        None => Ok(None),
    }
}

fn receive(
    ctx: &mut SplitCtx,
    (answer, _share): Answer,
) -> Result<Result<Resource<Response>, ErrorCode>> {
    match answer {
        Ok(response) => {
            let (parts, body) = response.into_parts();
            let response = HttpState::of(ctx).responses.push(Response {
                status: parts.status,
                headers: into_fields(parts.headers),
                body: MessageBody::Host(HostBody::new(body)),
            })?;
            Ok(Ok(response))
        }
        Err(code) => Ok(Err(code)),
    }
}
