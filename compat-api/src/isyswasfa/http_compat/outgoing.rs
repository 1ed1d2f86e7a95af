//! The body of an outgoing message.

use super::body_writer::{BodyResult, BodyWriter};
use super::incoming::{IncomingBody, IncomingMessage};
use super::{BoxError, IncomingRequestBody, IncomingResponseBody};
use crate::spawn_local;
use crate::wit_bindgen::{FutureReader, StreamReader};
use http_body::Body;
use std::any::Any;
use std::pin::pin;

type Contents = (StreamReader<u8>, FutureReader<BodyResult>);

/// The body of a new `request` or `response`. A task of its own writes it as it is read. An incoming body that nothing has read
/// from is passed on as it is.
pub fn contents<T>(mut body: T) -> Contents
where
    T: Body + Any,
    T::Data: Into<Vec<u8>>,
    T::Error: Into<BoxError>,
{
    let any: &mut dyn Any = &mut body;
    let untouched = match any.downcast_mut::<IncomingRequestBody>() {
        Some(request) => unread(request),
        None => any.downcast_mut::<IncomingResponseBody>().and_then(unread),
    };
    untouched.unwrap_or_else(|| {
        let (writer, stream, result) = BodyWriter::new();
        spawn_local(async move {
            // The reader of the body learns of an error from it.
            let _ = writer.send_http_body(&mut pin!(body)).await;
        });
        (stream, result)
    })
}

fn unread<T: IncomingMessage>(body: &mut IncomingBody<T>) -> Option<Contents> {
    // The sender of the incoming body is not told what becomes of it: reading it went well.
    let fared = crate::wit_future::new(|| Ok(())).1;
    body.take_unstarted()
        .map(|message| message.consume_body(fared))
}
