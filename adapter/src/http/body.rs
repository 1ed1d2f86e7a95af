//! Bodies: what a guest has given to a message, or what comes from 0.2.

use super::fields::Fields;
use super::join::{Incoming, Wanted};
use super::length::Length;
use super::received::{Received, ReceivedBody};
use super::transmit::{Failure, pass_on, transmit};
use crate::bindings::p2::http::types::OutgoingBody;
use crate::bindings::p2::io::streams::StreamError;
use crate::bindings::p3::http::types::{self, ErrorCode};
use crate::bindings::{wit_future, wit_stream};
use crate::input;
use crate::resolve::resolve;
use polyfill_guest::{
    FutureReader, FutureWriter, StreamReader, StreamWriter, spawn_local, yield_async,
};
use std::rc::Rc;

/// What `consume-body` answers, and `new` is given.
pub type Contents = (StreamReader<u8>, TrailersFuture);
pub type TrailersFuture = FutureReader<Result<Option<types::Trailers>, ErrorCode>>;
/// How the transmission of a message went.
pub type Transmitted = FutureReader<Result<(), ErrorCode>>;

/// The body of a message.
pub struct Body {
    source: Source,
    /// The guest that is told how the transmission went, unless the body is from 0.2.
    sender: Sender,
}

/// Where a body comes from.
pub enum Source {
    /// A guest.
    Given {
        contents: Option<StreamReader<u8>>,
        trailers: TrailersFuture,
    },
    /// 0.2.
    Received(Received),
}

/// Tells the guest that has made a message how its transmission went, if there is one. Dropping it tells that the message was not
/// sent.
pub struct Sender(Option<FutureWriter<Result<(), ErrorCode>>>);

impl Sender {
    pub fn tell(self, result: Result<(), ErrorCode>) {
        if let Some(transmitted) = self.0 {
            resolve(transmitted, result);
        }
    }
}

impl Body {
    /// A body from a guest, and the future that tells it how the transmission went.
    pub fn given(
        contents: Option<StreamReader<u8>>,
        trailers: TrailersFuture,
    ) -> (Self, Transmitted) {
        let (transmitted, told) = wit_future::new(not_sent);
        let body = Body {
            source: Source::Given { contents, trailers },
            sender: Sender(Some(transmitted)),
        };
        (body, told)
    }

    /// A body from 0.2.
    pub fn received(message: Received) -> Self {
        Body {
            source: Source::Received(message),
            sender: Sender(None),
        }
    }

    /// `consume-body`: `result` tells how it went on with the body.
    pub fn consume(self, result: Transmitted) -> Contents {
        let sender = self.sender;
        match self.source {
            Source::Given { contents, trailers } => {
                spawn_local(async move { sender.tell(result.await) });
                (contents.unwrap_or_else(|| wit_stream::new().1), trailers)
            }
            Source::Received(message) => {
                // 0.2 has nobody who would be told.
                spawn_local(async move { drop(result.await) });
                receive(message)
            }
        }
    }

    /// Where it comes from, and who is told how its transmission went.
    pub fn into_parts(self) -> (Source, Sender) {
        (self.source, self.sender)
    }
}

impl Source {
    /// Sends the body.
    pub async fn transmit(self, to: OutgoingBody, length: Length) -> Result<(), Failure> {
        match self {
            Source::Given { contents, trailers } => transmit(contents, trailers, to, length).await,
            Source::Received(message) => pass_on(message, to).await,
        }
    }
}

/// What is told of a message that was dropped.
fn not_sent() -> Result<(), ErrorCode> {
    Err(ErrorCode::InternalError(Some(
        "the message was dropped before it was sent".into(),
    )))
}

/// The body of a message that has come in, piece by piece as it is read.
fn receive(message: Received) -> Contents {
    let (mut writer, reader) = wit_stream::new();
    let (end, trailers) = wit_future::new(|| Ok(None));
    spawn_local(async move {
        let result = match message.body().map(Rc::new) {
            Ok(body) => match copy(&body, &mut writer).await {
                Ok(()) => {
                    drop(writer);
                    let trailers = alone(body).await.finish().await;
                    trailers.map(|trailers| {
                        trailers.map(|trailers| types::Fields::new(Fields::received(trailers)))
                    })
                }
                Err(error) => {
                    drop(writer);
                    Err(message.why(error))
                }
            },
            Err(code) => Err(code),
        };
        drop(message);
        // An error means that nobody wants to know.
        let _ = end.write(result).await;
    });
    (reader, trailers)
}

/// The body, once nobody else has it. A sender that had it has let go of it, but one that asks for bodies holds those that it asks
/// until it has its turn.
async fn alone(mut body: Rc<ReceivedBody>) -> ReceivedBody {
    loop {
        match Rc::try_unwrap(body) {
            Ok(body) => return body,
            Err(shared) => body = shared,
        }
        yield_async().await;
    }
}

/// Writes a body as it is wanted, or lets somebody else have it.
async fn copy(body: &Rc<ReceivedBody>, to: &mut StreamWriter<u8>) -> Result<(), StreamError> {
    let incoming = Incoming::new(body.clone());
    loop {
        match incoming.wanted(to).await {
            Wanted::Nothing(result) => return result,
            Wanted::Bytes if input::copy_some(body.stream(), to).await? => {}
            Wanted::Bytes => return Ok(()),
        }
    }
}
