//! The body of a request or response resource, whoever made it.

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
    /// It comes from the host.
    Host(HostBody),
}

/// What a guest gave to `new`: pipes whose readers are the message's.
pub(crate) struct GuestBody {
    pub contents: Option<u32>,
    pub trailers: u32,
    /// Ends the future that `new` gave in return.
    pub sent: oneshot::Sender<Result<(), ErrorCode>>,
}

impl MessageBody {
    /// Of a message that a guest makes; and the future of how it was transmitted.
    pub fn new(
        ctx: &mut SplitCtx,
        contents: Option<Contents>,
        trailers: Trailers,
    ) -> Result<(Self, Transmission)> {
        let (sent, told) = oneshot::channel();
        // Whoever was to send the message is gone without a word: it was not transmitted.
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

    /// `consume-body`: what is in it, and how it ends. What `handled` comes to is told to the message's maker.
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
                    // Nobody may want to know.
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
                // What a guest says of a message from the network has nowhere to go.
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

    /// The message is not sent, for this reason, which its maker is told.
    pub fn refuse(mut self, ctx: &mut SplitCtx, code: ErrorCode) -> Result<()> {
        if let MessageBody::Guest(body) = &mut self {
            let (nobody, _) = oneshot::channel();
            // Nobody may want to know.
            let _ = std::mem::replace(&mut body.sent, nobody).send(Err(code));
        }
        self.drop(ctx)
    }

    /// The message is dropped, and its ends of the pipes with it.
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

/// What became of a message that nobody has sent.
fn unsent() -> ErrorCode {
    ErrorCode::InternalError(Some("the message was dropped before it was sent".into()))
}

/// A byte pipe with nothing in it.
fn empty(ctx: &mut SplitCtx) -> Result<u32> {
    let pipe = ctx.pipes.bytes.create()?;
    ctx.pipes.bytes.drop_writer(&mut ctx.core, pipe)?;
    Ok(pipe)
}
