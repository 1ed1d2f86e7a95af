//! Bodies that go out through hyper: the bytes that a guest writes into a pipe, within a bound, then the trailers.

mod sent;
mod slot;

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::timeout;
use wasmtime::Result;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;
use wasmtime_wasi_http::{Error, FieldMap};

pub(crate) use self::sent::Sent;
use self::slot::{ContentsSink, Slot};
use super::body::{GuestBody, MessageBody};
use super::error::code_from_error;
use super::incoming::{ContentsSource, HostBody};
use super::state::HttpState;
use crate::pipes::sink_once;
use crate::split::SplitCtx;

/// How long to wait for a guest to begin with contents, if the head must announce them.
const BEGINNING: Duration = Duration::from_millis(100);

/// The body of a message that a guest has sent: a response to be served, or a request.
///
/// Frames come as the guest writes them; the guest waits if they are not read. Dropping the body closes the guest's stream.
/// After an error, the message can't be completed, and the connection should be closed.
pub struct Body {
    contents: Contents,
    slot: Slot,
    /// From `content-length`.
    expected: Option<u64>,
    delivered: u64,
    wrong_size: fn(Option<u64>) -> Error,
    sent: Option<Sent>,
    over: bool,
    /// The instance that writes it.
    instance: Option<Arc<dyn Send + Sync>>,
}

enum Contents {
    /// A guest writes the contents into the slot.
    Written,
    /// The contents come from the host, and a guest only passed them on.
    Passed(ContentsSource),
    /// The whole body comes from the host, with trailers.
    Host(HostBody),
}

/// Which message the body is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    Request,
    Response,
    /// A response to HEAD, whose body is not sent.
    ResponseToHead,
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body")
            .field("expected", &self.expected)
            .field("delivered", &self.delivered)
            .finish_non_exhaustive()
    }
}

impl Body {
    /// Takes a message's body out of the store. `content_length` is the length in its header.
    pub(crate) fn new(
        ctx: &mut SplitCtx,
        of: Of,
        content_length: Option<u64>,
        body: MessageBody,
        instance: Option<Arc<dyn Send + Sync>>,
    ) -> Result<Body> {
        let slot = Slot::new(ctx.budget.share());
        let (contents, sent) = match body {
            MessageBody::Host(body) => (Contents::Host(body), None),
            MessageBody::Guest(GuestBody {
                contents,
                trailers,
                sent,
            }) => {
                let contents = attach_contents(ctx, contents, content_length, of, &slot)?;
                let end = slot.clone();
                let table = HttpState::of(ctx).trailers;
                ctx.pipes.get(table).attach_sink(
                    &mut ctx.core,
                    trailers,
                    sink_once(
                        move |trailers: Option<Result<Option<FieldMap>, ErrorCode>>| {
                            end.set_trailers(trailers)
                        },
                    ),
                )?;
                (contents, Some(Sent::new(sent, of)))
            }
        };
        Ok(Body {
            contents,
            slot,
            expected: content_length.filter(|_| of != Of::ResponseToHead),
            delivered: 0,
            wrong_size: of.wrong_size(),
            sent,
            over: false,
            instance,
        })
    }

    /// The outcome of the body, for the code that sends it to set.
    pub(crate) fn sent(&self) -> Option<Sent> {
        self.sent.clone()
    }

    /// If there are no contents, gives the guest a turn to end the trailers as well: then the head need not announce a body. If
    /// the guest ends them later, the message has an empty body.
    pub(crate) async fn settle(&mut self) {
        if !matches!(self.contents, Contents::Written) {
            return;
        }
        // At the first poll, the guest is still in its call of the host. At the second, the guest has done all it could.
        let mut had_its_turn = false;
        poll_fn(|cx| {
            if had_its_turn || self.slot.is_settled() {
                return Poll::Ready(());
            }
            had_its_turn = true;
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }

    /// Waits for the guest to begin with the contents, if it gave any, or to end them. Does not wait long, since the guest may
    /// want to see the answer first. Returns whether the contents have begun, with an unknown length.
    pub(crate) async fn has_begun(&mut self) -> bool {
        if self.expected.is_some() || !matches!(self.contents, Contents::Written) {
            return false;
        }
        let begun = poll_fn(|cx| self.slot.poll_begun(cx));
        let begun = timeout(BEGINNING, begun).await.unwrap_or(false);
        begun && http_body::Body::size_hint(self).exact().is_none()
    }

    fn poll_contents(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match &mut self.contents {
            Contents::Host(body) => body.poll_frame(cx),
            Contents::Passed(source) => match ready!(source.poll_bytes(cx)) {
                Some(bytes) => Poll::Ready(Some(bytes.map(Frame::data))),
                None => self.slot.poll_trailers(cx),
            },
            Contents::Written => match ready!(self.slot.poll_bytes(cx)) {
                Some(bytes) => Poll::Ready(Some(bytes.map(Frame::data))),
                None => self.slot.poll_trailers(cx),
            },
        }
    }

    /// Counts a frame; the end counts too.
    fn check(
        &mut self,
        frame: Option<Result<Frame<Bytes>, Error>>,
    ) -> Option<Result<Frame<Bytes>, Error>> {
        if let Some(Ok(Some(bytes))) = frame
            .as_ref()
            .map(|frame| frame.as_ref().map(Frame::data_ref))
        {
            self.delivered += bytes.len() as u64;
        }
        let wrong = match (self.expected, &frame) {
            (_, Some(Err(_))) => false,
            (Some(expected), Some(Ok(frame))) if frame.is_data() => self.delivered > expected,
            (Some(expected), _) => self.delivered != expected,
            (None, _) => false,
        };
        if wrong {
            return Some(Err((self.wrong_size)(Some(self.delivered))));
        }
        frame
    }

    fn finish(&mut self, result: Result<(), ErrorCode>) {
        self.over = true;
        self.instance = None;
        if let Some(sent) = &self.sent {
            match result {
                Ok(()) => sent.complete_body(),
                Err(code) => sent.fail(code),
            }
        }
    }

    /// Whether everything has been sent.
    fn is_complete(&self) -> bool {
        match &self.contents {
            Contents::Host(body) => body.is_end_stream(),
            Contents::Passed(_) => false,
            Contents::Written => self.slot.is_over(),
        }
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if self.over {
            return Poll::Ready(None);
        }
        let frame = ready!(self.poll_contents(cx));
        let frame = self.check(frame);
        match &frame {
            Some(Ok(frame)) if frame.is_data() => {}
            Some(Ok(_)) | None => self.finish(Ok(())),
            Some(Err(error)) => {
                let code = code_from_error(error);
                self.finish(Err(code));
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.over
            || (self
                .expected
                .is_none_or(|expected| expected == self.delivered)
                && self.is_complete())
    }

    fn size_hint(&self) -> SizeHint {
        if let Some(expected) = self.expected {
            return SizeHint::with_exact(expected.saturating_sub(self.delivered));
        }
        match &self.contents {
            Contents::Host(body) => body.size_hint(),
            // The guest may add trailers, which a length would exclude.
            Contents::Passed(_) => SizeHint::default(),
            Contents::Written => self.slot.size_hint(),
        }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        let error = self.slot.drop_reader();
        if let Some(sent) = &self.sent {
            match error {
                Some(error) => sent.fail(code_from_error(&error)),
                None if self.is_complete() => sent.complete_body(),
                // hyper stops reading after as many bytes as the length says.
                None if self.expected == Some(self.delivered) => sent.complete_body(),
                None => sent.drop_body(),
            }
        }
    }
}

impl Of {
    fn wrong_size(self) -> fn(Option<u64>) -> Error {
        match self {
            Of::Request => Error::HttpRequestBodySize,
            Of::Response | Of::ResponseToHead => Error::HttpResponseBodySize,
        }
    }
}

/// Connects the contents: to the slot, or directly to their source if that is the host.
fn attach_contents(
    ctx: &mut SplitCtx,
    contents: Option<u32>,
    expected: Option<u64>,
    of: Of,
    slot: &Slot,
) -> Result<Contents> {
    let Some(contents) = contents else {
        slot.set_empty();
        return Ok(Contents::Written);
    };
    if let Some(source) = ctx.pipes.bytes.take_source(contents) {
        return Ok(Contents::Passed(source));
    }
    let sink = ContentsSink::new(slot.clone(), expected, of.wrong_size());
    ctx.pipes.bytes.attach_sink(&mut ctx.core, contents, sink)?;
    Ok(Contents::Written)
}
