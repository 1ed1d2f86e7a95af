//! Bodies of any length and kind, sent and checked piece by piece.

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::HeaderMap;
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use std::io;

/// The body of every request and response that we send.
pub type Body = UnsyncBoxBody<Bytes, io::Error>;

const PIECE: usize = 64 * 1024;

pub fn empty() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// One piece, of known length.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// Pieces as they come; an error breaks the connection.
pub fn pieces(pieces: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Body {
    StreamBody::new(pieces.map(|piece| piece.map(Frame::data))).boxed_unsync()
}

/// One piece, then trailers.
pub fn with_trailers(bytes: impl Into<Bytes>, trailers: HeaderMap) -> Body {
    let frames = [Ok(Frame::data(bytes.into())), Ok(Frame::trailers(trailers))];
    StreamBody::new(stream::iter(frames)).boxed_unsync()
}

/// `length` bytes of [`pattern`], in pieces.
pub fn patterned(length: u64) -> Body {
    pieces(stream::unfold(0, move |at| async move {
        let size = (length - at).min(PIECE as u64) as usize;
        (size > 0).then(|| (Ok(pattern(at, size)), at + size as u64))
    }))
}

/// `size` bytes from the position `at` of a text without a short period.
pub fn pattern(at: u64, size: usize) -> Bytes {
    // Eight bytes at a time: a word is its own number, stirred.
    let word = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
    let first = at / 8;
    let words = (first..).map(word).take(size / 8 + 2).flatten();
    words.skip((at % 8) as usize).take(size).collect()
}

/// Reads `body` to its end and answers how many bytes of [`pattern`] it had.
///
/// # Panics
/// If a byte differs, or the body is broken off.
pub async fn check_pattern(
    body: &mut (impl http_body::Body<Data = Bytes, Error: std::fmt::Debug> + Unpin),
) -> u64 {
    let mut at = 0;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.expect("the body is whole").into_data() {
            assert!(
                data == pattern(at, data.len()),
                "the body differs in the {} bytes from {at}",
                data.len()
            );
            at += data.len() as u64;
        }
    }
    at
}
