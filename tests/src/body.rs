//! Bodies of any length and kind, sent and checked piece by piece.

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::HeaderMap;
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use std::io;
use std::sync::LazyLock;

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

/// `size` bytes from position `at` of a text with a prime period, which no buffer size divides. Pieces are not copied, so that
/// tests measure only the program.
pub fn pattern(at: u64, size: usize) -> Bytes {
    const PERIOD: usize = (1 << 20) + 7;
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| {
        let mut text = vec![0; PERIOD];
        for (number, word) in (0u64..).zip(text.chunks_mut(8)) {
            // Each word is a hash of its number.
            let stirred = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
            word.copy_from_slice(&stirred[..word.len()]);
        }
        text.extend_from_within(..PIECE);
        text.into()
    });
    let piece = |at: u64, size| {
        let start = (at % PERIOD as u64) as usize;
        TEXT.slice(start..start + size)
    };
    match size {
        ..=PIECE => piece(at, size),
        _ => (at..at + size as u64)
            .step_by(PIECE)
            .flat_map(|from| piece(from, PIECE.min((at + size as u64 - from) as usize)))
            .collect(),
    }
}

/// Reads `body` to its end and returns how many bytes of [`pattern`] it had.
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
