//! The writer of a body of the crate `http-body` into the stream and the future of a `wasi:http` body.

use super::BoxError;
use crate::http::types::{ErrorCode, HeaderError, Trailers};
use crate::wit_bindgen::{FutureReader, FutureWriter, StreamReader, StreamWriter};
use crate::{wit_future, wit_stream};
use ::http::HeaderMap;
use http_body::{Body, Frame};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;

/// The end of a body: its trailers, or an error.
pub type BodyResult = Result<Option<Trailers>, ErrorCode>;

/// The writing ends of a `wasi:http` body.
pub struct BodyWriter {
    /// Takes the data.
    pub stream_writer: StreamWriter<u8>,
    /// Takes the trailers, or the error, once the stream is dropped.
    pub result_writer: FutureWriter<BodyResult>,
    /// The trailers so far.
    pub trailers: HeaderMap,
}

/// Why a body was not written to its end.
#[derive(Debug)]
pub enum Error {
    /// The [`http_body::Body`] failed.
    HttpBody(BoxError),
    /// The trailers are refused by [`Trailers::from_list`].
    InvalidTrailers(HeaderError),
    /// Nothing reads the result any more. It is given back.
    ResultReaderClosed(BodyResult),
    /// Nothing reads the stream any more.
    StreamReaderClosed {
        /// Bytes of the frame that were read.
        written: usize,
        /// The others.
        unwritten: Vec<u8>,
    },
}

impl BodyWriter {
    /// A writer, and the reading ends, which a new `request` or `response` takes. A writer that is dropped early leaves an error to
    /// be read, so that an incomplete body is not taken for a complete one.
    pub fn new() -> (Self, StreamReader<u8>, FutureReader<BodyResult>) {
        let (stream_writer, stream) = wit_stream::new();
        let dropped = || Err(ErrorCode::InternalError(Some("body writer dropped".into())));
        let (result_writer, result) = wit_future::new(dropped);
        (
            Self {
                stream_writer,
                result_writer,
                trailers: HeaderMap::new(),
            },
            stream,
            result,
        )
    }

    /// Writes all of `body`, and then its trailers or its error. Returns the number of bytes of data.
    ///
    /// # Cancellation
    /// Dropping the future drops the writer. The reader finds an error at the end.
    pub async fn send_http_body<T>(mut self, mut body: &mut T) -> Result<u64, Error>
    where
        T: Body + Unpin,
        T::Data: Into<Vec<u8>>,
        T::Error: Into<BoxError>,
    {
        let mut sent = 0;
        while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            match frame {
                Ok(frame) => sent += self.send_frame(frame).await? as u64,
                Err(error) => {
                    let error = error.into();
                    // If nothing reads the result, nothing is misled by the body either.
                    let _ = self.result_writer.write(Err(super::internal(&error))).await;
                    return Err(Error::HttpBody(error));
                }
            }
        }
        let trailers = if self.trailers.is_empty() {
            None
        } else {
            Some(self.trailers.try_into().map_err(Error::InvalidTrailers)?)
        };
        drop(self.stream_writer);
        match self.result_writer.write(Ok(trailers)).await {
            Ok(()) => Ok(sent),
            Err(refused) => Err(Error::ResultReaderClosed(refused.value)),
        }
    }

    /// Writes one frame. Data is written, and its size returned. Trailers are kept for the end.
    ///
    /// # Cancellation
    /// After the future was dropped, it is not known how much of the data was written.
    pub async fn send_frame<T>(&mut self, frame: Frame<T>) -> Result<usize, Error>
    where
        T: Into<Vec<u8>>,
    {
        match frame.into_data() {
            Ok(data) => {
                let data = data.into();
                let size = data.len();
                let unwritten = self.stream_writer.write_all(data).await;
                if unwritten.is_empty() {
                    Ok(size)
                } else {
                    Err(Error::StreamReaderClosed {
                        written: size - unwritten.len(),
                        unwritten,
                    })
                }
            }
            Err(frame) => {
                // A frame of a kind that does not exist yet has no place in a `wasi:http` body.
                self.trailers
                    .extend(frame.into_trailers().unwrap_or_default());
                Ok(0)
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HttpBody(error) => write!(f, "body error: {error}"),
            Self::InvalidTrailers(error) => write!(f, "invalid trailers: {error}"),
            Self::ResultReaderClosed(_) => f.write_str("result future reader closed"),
            Self::StreamReaderClosed { .. } => f.write_str("stream reader closed"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::HttpBody(error) => Some(&**error),
            Self::InvalidTrailers(error) => Some(error),
            Self::ResultReaderClosed(_) | Self::StreamReaderClosed { .. } => None,
        }
    }
}
