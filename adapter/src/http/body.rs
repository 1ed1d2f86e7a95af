//! Bodies: what a guest has given to a message, or what comes from 0.2.

use super::error;
use super::fields::Fields;
use crate::bindings::p2::http::types::{FutureTrailers, IncomingBody, IncomingResponse};
use crate::bindings::p3::http::types::{self, ErrorCode};
use crate::bindings::{wit_future, wit_stream};
use crate::input;
use crate::resolve::resolve;
use polyfill_guest::{FutureReader, FutureWriter, StreamReader, pollable, spawn_local};

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
    Incoming(IncomingResponse),
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
            Body::Incoming(response) => {
                // 0.2 has nobody who would be told.
                spawn_local(async move { drop(result.await) });
                receive(response)
            }
        }
    }
}

/// The body of a response that has come in, piece by piece as it is read.
fn receive(response: IncomingResponse) -> Contents {
    let (mut writer, reader) = wit_stream::new();
    let (end, trailers) = wit_future::new(|| Ok(None));
    spawn_local(async move {
        let result = match response.consume() {
            Ok(body) => {
                let copied = copy(&body, &mut writer).await;
                drop(writer);
                match copied {
                    Ok(()) => finish(body).await,
                    Err(code) => Err(code),
                }
            }
            // Only this function consumes it, and once.
            Err(()) => Err(ErrorCode::InternalError(None)),
        };
        drop(response);
        // An error means that nobody wants to know.
        let _ = end.write(result).await;
    });
    (reader, trailers)
}

async fn copy(
    body: &IncomingBody,
    to: &mut polyfill_guest::StreamWriter<u8>,
) -> Result<(), ErrorCode> {
    let stream = body.stream().map_err(|()| ErrorCode::InternalError(None))?;
    input::copy(&stream, to).await.map_err(error::of_stream)
}

/// The trailers of a body that was read, or that nobody wants to read to its end.
async fn finish(body: IncomingBody) -> Result<Option<types::Trailers>, ErrorCode> {
    let trailers: FutureTrailers = IncomingBody::finish(body);
    loop {
        match trailers.get() {
            None => pollable!(trailers.subscribe()).await,
            Some(Ok(Ok(trailers))) => {
                return Ok(trailers.map(|trailers| types::Fields::new(Fields::new(trailers))));
            }
            Some(Ok(Err(code))) => return Err(error::code(code)),
            // Taken twice, which it is not.
            Some(Err(())) => return Err(ErrorCode::InternalError(None)),
        }
    }
}
