//! Bodies from hyper, as a source of a byte pipe, and their trailers, as a source of another pipe.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{Error, FieldMap};

use super::error::code_from_error;
use super::hooks::{HttpHooks, is_forbidden};
use crate::pipes::{Chunk, Source, Weighed};

/// A body that comes from the host. `None`: there is nothing in it.
pub(crate) struct HostBody(Option<UnsyncBoxBody<Bytes, Error>>);

impl HostBody {
    pub fn new<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Error>,
    {
        if body.is_end_stream() {
            return HostBody(None);
        }
        HostBody(Some(body.map_err(Into::into).boxed_unsync()))
    }

    /// The next frame. Trailers come without the fields that guests may not see.
    pub fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let Some(body) = &mut self.0 else {
            return Poll::Ready(None);
        };
        match Pin::new(body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(match frame.into_trailers() {
                Ok(mut trailers) => {
                    remove_forbidden(&mut trailers);
                    Frame::trailers(trailers)
                }
                Err(frame) => frame,
            }))),
            other => other,
        }
    }

    pub fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(|body| body.is_end_stream())
    }

    pub fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Some(body) => body.size_hint(),
            None => SizeHint::with_exact(0),
        }
    }

    /// The sources of two pipes: the contents, and how the body ended.
    pub fn into_sources(self) -> (ContentsSource, TrailersSource) {
        let end = End::default();
        let contents = ContentsSource {
            body: self,
            end: end.clone(),
        };
        (contents, TrailersSource(end))
    }
}

/// How a body ended; set when the contents are over, for the trailers' future.
#[derive(Clone, Default)]
struct End(Arc<Mutex<EndState>>);

#[derive(Default)]
struct EndState {
    result: Option<Result<Option<HeaderMap>, ErrorCode>>,
    over: bool,
    waker: Option<Waker>,
}

impl End {
    fn set(&self, result: Result<Option<HeaderMap>, ErrorCode>) {
        let mut state = self.lock();
        if std::mem::replace(&mut state.over, true) {
            return;
        }
        state.result = Some(result);
        if let Some(waker) = state.waker.take() {
            drop(state);
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, EndState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The contents of a body.
pub(crate) struct ContentsSource {
    body: HostBody,
    end: End,
}

impl ContentsSource {
    /// The next bytes; `None` at the end, whose outcome goes to the trailers' future.
    pub fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Error>>> {
        loop {
            match self.body.poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(bytes) if bytes.is_empty() => {}
                    Ok(bytes) => return Poll::Ready(Some(Ok(bytes))),
                    Err(frame) => {
                        let trailers = frame.into_trailers().ok();
                        self.end.set(Ok(trailers));
                    }
                },
                Poll::Ready(Some(Err(error))) => {
                    self.end.set(Err(code_from_error(&error)));
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Ready(None) => {
                    self.end.set(Ok(None));
                    return Poll::Ready(None);
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl Source<Chunk> for ContentsSource {
    fn poll_items(&mut self, cx: &mut Context<'_>, _max: usize) -> Poll<Option<Chunk>> {
        match self.poll_bytes(cx) {
            Poll::Ready(Some(Ok(bytes))) => Poll::Ready(Some(Chunk(bytes))),
            // The trailers' future has the error.
            Poll::Ready(Some(Err(_)) | None) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for ContentsSource {
    fn drop(&mut self) {
        // A reader that stops before the end gets no trailers, and no error either.
        self.end.set(Ok(None));
    }
}

/// The trailers of a body: a future that is ready once the contents are over.
pub(crate) struct TrailersSource(End);

impl Source<Weighed<Result<Option<FieldMap>, ErrorCode>>> for TrailersSource {
    fn poll_items(
        &mut self,
        cx: &mut Context<'_>,
        _max: usize,
    ) -> Poll<Option<Weighed<Result<Option<FieldMap>, ErrorCode>>>> {
        let mut state = self.0.lock();
        match state.result.take() {
            Some(result) => {
                let fields = result.map(|trailers| trailers.map(into_fields));
                Poll::Ready(Some(Weighed(vec![fields])))
            }
            None if state.over => Poll::Ready(None),
            None => {
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// Fields that came from hyper: guests can't change them, and don't see the forbidden ones.
pub(crate) fn into_fields(map: HeaderMap) -> FieldMap {
    FieldMap::new_immutable(&mut HttpHooks::default(), map)
}

fn remove_forbidden(map: &mut HeaderMap) {
    let forbidden: Vec<_> = map
        .keys()
        .filter(|name| is_forbidden(name))
        .cloned()
        .collect();
    for name in forbidden {
        map.remove(name);
    }
}
