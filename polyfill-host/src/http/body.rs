//! The body of a request or response resource, made by a guest or by the host.

use tokio::sync::oneshot;
use wasmtime::Result;
use wasmtime::component::Resource;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;

use super::incoming::HostBody;
use super::payloads::{HttpResultPipe, TrailersPipe};
use super::state::HttpState;
use crate::pipes::{BytesPipe, OneShot, Reader, sink_once};
use crate::split::SplitCtx;

pub(crate) type Contents = Resource<Reader<BytesPipe>>;
pub(crate) type Trailers = Resource<Reader<TrailersPipe>>;
pub(crate) type Transmission = Resource<Reader<HttpResultPipe>>;

/// The body of a message.
pub(crate) enum MessageBody {
    /// A guest gave the message its body.
    Guest(GuestBody),
    /// The body comes from the host.
    Host(HostBody),
}

/// The pipes that a guest gave to `new`. The message owns their readers.
pub(crate) struct GuestBody {
    pub contents: Option<u32>,
    pub trailers: u32,
    /// Completes the future that `new` returned.
    pub sent: oneshot::Sender<Result<(), ErrorCode>>,
}

impl MessageBody {
    /// The body of a message that a guest makes, and the future of its transmission.
    pub fn new(
        ctx: &mut SplitCtx,
        contents: Option<Contents>,
        trailers: Trailers,
    ) -> Result<(Self, Transmission)> {
        let (sent, told) = oneshot::channel();
        // The sender was dropped without an outcome: the message was not transmitted.
        let transmission =
            OneShot::new(async move { Some(told.await.unwrap_or_else(|_| Err(unsent()))) });
        let results = HttpState::of(ctx).results;
        let results = ctx.pipes.get(results);
        let transmission = results.add_source(&ctx.core, transmission)?;
        let body = MessageBody::Guest(GuestBody {
            contents: contents.map(|contents| contents.rep()),
            trailers: trailers.rep(),
            sent,
        });
        Ok((body, Resource::new_own(transmission)))
    }

    /// `consume-body`: the contents, and the trailers. The maker of the message gets the output of `handled`.
    pub fn consume(
        self,
        ctx: &mut SplitCtx,
        handled: Transmission,
    ) -> Result<(Contents, Trailers)> {
        match self {
            MessageBody::Guest(GuestBody {
                contents,
                trailers,
                sent,
            }) => {
                let sink = sink_once(move |handled: Option<Result<(), ErrorCode>>| {
                    // The receiver may be gone.
                    let _ = sent.send(handled.unwrap_or_else(|| Err(unsent())));
                });
                let results = HttpState::of(ctx).results;
                ctx.pipes
                    .get(results)
                    .attach_sink(&mut ctx.core, handled.rep(), sink)?;
                let contents = match contents {
                    Some(contents) => contents,
                    None => empty(ctx)?,
                };
                Ok((Resource::new_own(contents), Resource::new_own(trailers)))
            }
            MessageBody::Host(body) => {
                // The outcome that a guest gives for a message from the network goes nowhere.
                let state = HttpState::of(ctx);
                let (of_results, of_trailers) = (state.results, state.trailers);
                ctx.pipes.get(of_results).attach_sink(
                    &mut ctx.core,
                    handled.rep(),
                    sink_once(|_| ()),
                )?;
                let (contents, trailers) = body.into_sources();
                let contents = ctx.pipes.bytes.add_source(&ctx.core, contents)?;
                let trailers = ctx.pipes.get(of_trailers).add_source(&ctx.core, trailers)?;
                Ok((Resource::new_own(contents), Resource::new_own(trailers)))
            }
        }
    }

    /// Reports to the maker of the message that it is not sent, and why.
    pub fn refuse(mut self, ctx: &mut SplitCtx, code: ErrorCode) -> Result<()> {
        if let MessageBody::Guest(body) = &mut self {
            let (nobody, _) = oneshot::channel();
            // The receiver may be gone.
            let _ = std::mem::replace(&mut body.sent, nobody).send(Err(code));
        }
        self.drop(ctx)
    }

    /// Drops the message, and its ends of the pipes.
    pub fn drop(self, ctx: &mut SplitCtx) -> Result<()> {
        if let MessageBody::Guest(body) = self {
            if let Some(contents) = body.contents {
                ctx.pipes.bytes.drop_reader(&mut ctx.core, contents)?;
            }
            let trailers = HttpState::of(ctx).trailers;
            ctx.pipes
                .get(trailers)
                .drop_reader(&mut ctx.core, body.trailers)?;
        }
        Ok(())
    }
}

/// The outcome of a message that nobody has sent.
fn unsent() -> ErrorCode {
    ErrorCode::InternalError(Some("the message was dropped before it was sent".into()))
}

/// A byte pipe with nothing in it.
fn empty(ctx: &mut SplitCtx) -> Result<u32> {
    let pipe = ctx.pipes.bytes.create()?;
    ctx.pipes.bytes.drop_writer(&mut ctx.core, pipe)?;
    Ok(pipe)
}
