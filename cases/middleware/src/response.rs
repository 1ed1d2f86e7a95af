//! The response as the client gets it.

use crate::codec::{Deflate, Gone};
use compat_api::http::types::{ErrorCode, Fields, Response};
use compat_api::wit_bindgen::{StreamReader, StreamResult, StreamWriter};
use compat_api::{spawn_local, wit_future, wit_stream};

const PIECE: usize = 64 * 1024;

/// The same response with its body deflated, under these headers.
pub fn encoded(response: Response, headers: Fields) -> Result<Response, ErrorCode> {
    let status = response.get_status_code();
    let (fared, on_fared) = wit_future::new(|| Ok(()));
    let (body, trailers) = Response::consume_body(response, on_fared);
    let (packed, packed_body) = wit_stream::new();
    // If the body breaks off, its trailers say why; ours are these.
    let (onward, sent) = Response::new(headers, Some(packed_body), trailers);
    spawn_local(async move {
        // The client has gone: dropping the body tells the handler.
        let _: Result<(), Gone> = deflate(body, packed).await;
    });
    spawn_local(async move {
        let _ = fared.write(sent.await).await;
    });
    match onward.set_status_code(status) {
        Ok(()) => Ok(onward),
        Err(()) => Err(ErrorCode::HttpProtocolError),
    }
}

async fn deflate(mut body: StreamReader<u8>, mut packed: StreamWriter<u8>) -> Result<(), Gone> {
    let mut deflate = Deflate::new();
    let mut piece = Vec::with_capacity(PIECE);
    loop {
        let result;
        (result, piece) = body.read(piece).await;
        if !piece.is_empty() {
            deflate.write(&piece, &mut packed).await?;
        }
        piece.clear();
        if result == StreamResult::Dropped {
            return deflate.finish(&mut packed).await;
        }
    }
}
