//! Bodies on their way out.

use super::body::TrailersFuture;
use super::error;
use super::fields::Fields;
use super::received::Received;
use crate::bindings::p2::http::types::OutgoingBody;
use crate::bindings::p3::http::types::ErrorCode;
use crate::{CHUNK, output};
use polyfill_guest::StreamReader;

/// Sends contents and trailers. A body that is dropped unfinished tells the host that it is incomplete.
pub async fn transmit(
    contents: Option<StreamReader<u8>>,
    trailers: TrailersFuture,
    body: OutgoingBody,
) -> Result<(), ErrorCode> {
    if let Some(contents) = contents {
        let stream = body.write().map_err(|()| ErrorCode::InternalError(None))?;
        output::copy(contents, &stream)
            .await
            .map_err(error::of_stream)?;
    }
    let trailers = trailers.await?;
    let trailers = trailers.map(|trailers| trailers.into_inner::<Fields>().to_p2());
    OutgoingBody::finish(body, trailers).map_err(error::code)
}

/// Sends the body of a message that has come in, which no guest has asked for.
pub async fn pass_on(from: Received, to: OutgoingBody) -> Result<(), ErrorCode> {
    let body = from.body()?;
    let stream = to.write().map_err(|()| ErrorCode::InternalError(None))?;
    while let Some(bytes) = body.read(CHUNK as u64).await? {
        output::write_all(&stream, &bytes)
            .await
            .map_err(error::of_stream)?;
    }
    output::flush(&stream).await.map_err(error::of_stream)?;
    drop(stream);
    let trailers = body.finish().await?;
    OutgoingBody::finish(to, trailers).map_err(error::code)
}
