//! Calls the `wasi:http/handler` that a split component exports.

use bytes::Bytes;
use http::header::HOST;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, Method};
use isyswasfa_wit::names::{HANDLE, HTTP_HANDLER, split_name};
use wasmtime::component::{Component, ComponentExportIndex, Resource};
use wasmtime::{Result, Store};
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;

use super::body::MessageBody;
use super::incoming::{HostBody, into_fields};
use super::outgoing::{Body, Of};
use super::request::Request;
use super::response::Response;
use super::send::content_length;
use super::state::HttpState;
use crate::split::{Alive, Died, SplitInstance, SplitPre, SplitView, TypedHalves, versions};

type Handled = Result<Resource<Response>, ErrorCode>;
type Handle = TypedHalves<(Resource<Request>,), (Handled,)>;

/// A component that exports `wasi:http/handler` as split, ready to be instantiated.
pub struct Handler<T: 'static> {
    pre: SplitPre<T>,
    exports: Exports,
}

#[derive(Clone, Copy)]
struct Exports {
    start: ComponentExportIndex,
    result: ComponentExportIndex,
}

impl<T: 'static> Clone for Handler<T> {
    fn clone(&self) -> Self {
        Handler {
            pre: self.pre.clone(),
            exports: self.exports,
        }
    }
}

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub enum HandleError {
    /// The handler gave this instead of a response.
    #[error("the handler failed: {}", Error::from(.0.clone()))]
    Code(ErrorCode),
    /// The instance trapped or was interrupted, maybe because of another request.
    #[error(transparent)]
    Died(#[from] Died),
}

/// The handler's exported interface, in any version.
fn exports(component: &Component) -> Option<Exports> {
    let (start, result) = split_name(HANDLE);
    versions(HTTP_HANDLER).find_map(|name| {
        let handler = component.get_export_index(None, &name)?;
        Some(Exports {
            start: component.get_export_index(Some(&handler), &start)?,
            result: component.get_export_index(Some(&handler), &result)?,
        })
    })
}

impl<T: SplitView> Handler<T> {
    /// The handler of a component; `None` if the component does not export `wasi:http/handler` as split, in a version that this
    /// host knows.
    pub fn new(pre: SplitPre<T>) -> Option<Self> {
        let exports = exports(pre.component())?;
        Some(Handler { pre, exports })
    }

    /// Whether a component exports `wasi:http/handler` as split, in a version that this host knows.
    pub fn is_exported(component: &Component) -> bool {
        exports(component).is_some()
    }

    /// Instantiates the component in a store of its own.
    ///
    /// Must be called in a tokio runtime.
    ///
    /// # Errors
    ///
    /// If there is no room for another instance, a start function traps, or the handler has another type than its name says.
    pub async fn instantiate(&self, store: Store<T>) -> Result<HandlerInstance<T>> {
        let instance = self.pre.instantiate(store).await?;
        let exports = self.exports;
        let handle = instance
            .enter(move |alive| {
                Box::pin(async move {
                    let Alive {
                        store, instance, ..
                    } = alive;
                    Ok(TypedHalves::new(
                        instance.get_typed_func(&mut *store, exports.start)?,
                        instance.get_typed_func(&mut *store, exports.result)?,
                    ))
                })
            })
            .await?;
        Ok(HandlerInstance { instance, handle })
    }
}

/// An instance that handles requests, many at once.
pub struct HandlerInstance<T: 'static> {
    instance: SplitInstance<T>,
    handle: Handle,
}

impl<T: 'static> Clone for HandlerInstance<T> {
    fn clone(&self) -> Self {
        HandlerInstance {
            instance: self.instance.clone(),
            handle: self.handle,
        }
    }
}

impl<T: SplitView> HandlerInstance<T> {
    /// The instance.
    pub fn instance(&self) -> &SplitInstance<T> {
        &self.instance
    }

    /// Hands a request to the guest. The response comes when the guest has returned it; its body follows as the guest
    /// writes it.
    ///
    /// A request without scheme and authority, as hyper's server gives it, gets them from the `host` header, and `http`.
    ///
    /// # Errors
    ///
    /// The handler's error code, or the instance's death.
    ///
    /// # Cancellation
    ///
    /// Dropping the future cancels the guest's task. Dropping the response's body closes the stream that the guest
    /// writes to.
    pub async fn handle<B>(
        &self,
        request: http::Request<B>,
    ) -> Result<http::Response<Body>, HandleError>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Error>,
    {
        self.handle_for(0, request).await
    }

    /// The same with a number for the request. [`SplitView::origin_changed`] gets this number when the guest works on the
    /// request.
    ///
    /// # Errors
    ///
    /// As for [`handle`](Self::handle).
    pub async fn handle_for<B>(
        &self,
        origin: u64,
        request: http::Request<B>,
    ) -> Result<http::Response<Body>, HandleError>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Error>,
    {
        let of = match *request.method() {
            Method::HEAD => Of::ResponseToHead,
            _ => Of::Response,
        };
        let request = into_request(request);
        let call = self
            .handle
            .call(move |alive: &mut Alive<T>| {
                let requests = &mut HttpState::of(alive.store.data_mut().split()).requests;
                Ok(((requests.push(request)?,), ()))
            })
            .named("`handle`")
            .on_behalf_of(origin);
        // It keeps the instance, which other handles keep anyway while the call waits. If none does, the call is abandoned.
        let instance = self.instance.clone();
        // If nobody waits any more, the response is dropped, and the guest sees its stream closed.
        let handled = self
            .instance
            .call_halves(call, move |alive, (handled,)| {
                respond(alive, handled, of, &instance)
            })
            .await?;
        handled.map_err(HandleError::Code)
    }
}

type Responded = Result<http::Response<Body>, ErrorCode>;

/// Takes a response out of the store.
fn respond<T: SplitView>(
    alive: &mut Alive<T>,
    handled: Handled,
    of: Of,
    instance: &SplitInstance<T>,
) -> Result<Responded> {
    let response = match handled {
        Ok(response) => response,
        Err(code) => return Ok(Err(code)),
    };
    let ctx = alive.store.data_mut().split();
    let response = HttpState::of(ctx).responses.take(response)?;
    let length = match content_length(&response.headers) {
        Ok(length) => length,
        Err(error) => {
            let code = super::error::code_from_error(&error);
            response.body.refuse(ctx, code.clone())?;
            return Ok(Err(code));
        }
    };
    let body = Body::new(ctx, of, length, response.body, Some(instance.keep_alive()))?;
    let mut message = http::Response::new(body);
    *message.status_mut() = response.status;
    *message.headers_mut() = HeaderMap::from(response.headers);
    Ok(Ok(message))
}

fn into_request<B>(request: http::Request<B>) -> Request
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Error>,
{
    let (parts, body) = request.into_parts();
    let uri = parts.uri.into_parts();
    // Read before `host` is removed from the fields: guests see only the authority.
    let authority = uri.authority.or_else(|| {
        let host = parts.headers.get(HOST)?;
        Authority::try_from(host.as_bytes()).ok()
    });
    Request {
        method: parts.method,
        scheme: Some(uri.scheme.unwrap_or(Scheme::HTTP)),
        authority,
        path_with_query: uri.path_and_query,
        headers: into_fields(parts.headers),
        options: None,
        body: MessageBody::Host(HostBody::new(body)),
    }
}
