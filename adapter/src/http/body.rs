//! Bodies: what a guest has given to a message, or what comes from 0.2.

use super::fields::Fields;
use super::join::{Incoming, Wanted};
use super::received::{Received, ReceivedBody};
use super::transmit::{pass_on, transmit};
use crate::bindings::p2::http::types::OutgoingBody;
use crate::bindings::p2::io::streams::StreamError;
use crate::bindings::p3::http::types::{self, ErrorCode};
use crate::bindings::{wit_future, wit_stream};
use crate::input;
use crate::resolve::resolve;
use polyfill_guest::{FutureReader, FutureWriter, StreamReader, StreamWriter, spawn_local};
use std::rc::Rc;

/// What `consume-body` answers, and `new` is given.
pub type Contents = (StreamReader<u8>, TrailersFuture);
pub type TrailersFuture = FutureReader<Result<Option<types::Trailers>, ErrorCode>>;
/// How the transmission of a message went.
pub type Transmitted = FutureReader<Result<(), ErrorCode>>;

/// The body of a message.
pub enum Body {
    /// From a guest, who is told how the transmission went.
    Given {
        contents: Option<StreamReader<u8>>,
        trailers: TrailersFuture,
        transmitted: FutureWriter<Result<(), ErrorCode>>,
    },
    /// From 0.2.
    Received(Received),
}

impl Body {
    /// A body from a guest, and the future that tells it how the transmission went.
    pub fn given(
        contents: Option<StreamReader<u8>>,
        trailers: TrailersFuture,
    ) -> (Self, Transmitted) {
        let (transmitted, told) = wit_future::new(|| Ok(()));
        let body = Body::Given {
            contents,
            trailers,
            transmitted,
        };
        (body, told)
    }

    /// `consume-body`: `result` tells how it went on with the body.
    pub fn consume(self, result: Transmitted) -> Contents {
        match self {
            Body::Given {
                contents,
                trailers,
                transmitted,
            } => {
                spawn_local(async move {
                    let result = result.await;
                    resolve(transmitted, result);
                });
                (contents.unwrap_or_else(|| wit_stream::new().1), trailers)
            }
            Body::Received(message) => {
                // 0.2 has nobody who would be told.
                spawn_local(async move { drop(result.await) });
                receive(message)
            }
        }
    }

    /// Sends it, and tells how that went.
    pub async fn transmit(self, to: OutgoingBody) {
        match self {
            Body::Given {
                contents,
                trailers,
                transmitted,
            } => {
                let result = transmit(contents, trailers, to).await;
                resolve(transmitted, result);
            }
            Body::Received(message) => {
                pass_on(message, to).await;
            }
        }
    }

    /// Tells that it will not be sent.
    pub fn give_up(self, code: ErrorCode) {
        if let Body::Given { transmitted, .. } = self {
            resolve(transmitted, Err(code));
        }
    }
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
                    // A sender that had it has let go of it.
                    let body = Rc::into_inner(body).expect("nobody else has the body");
                    let trailers = body.finish().await;
                    trailers.map(|trailers| {
                        trailers.map(|trailers| types::Fields::new(Fields::new(trailers)))
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
