//! Bodies that come.

use super::fields::Trailers;
use crate::http::types as p3;
use crate::http::types::ErrorCode;
use crate::p2::io::error::Error;
use crate::p2::io::poll::{Pollable, Readiness};
use crate::p2::io::source::Source;
use crate::p2::io::streams::{InputStream, input};
use crate::p2::local::Local;
use crate::p2::shared::Shared;
use crate::wit_bindgen::{FutureReader, FutureWriter, StreamReader};
use crate::wit_future;
use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, ready};

/// What comes after a body.
type End = Result<Option<p3::Fields>, ErrorCode>;

/// Whether a body was read.
type WasRead = Result<(), ErrorCode>;

/// How many bytes are skipped at once.
const SKIP: u64 = 64 * 1024;

/// A body that comes.
pub struct IncomingBody(Local<Body>);

struct Body {
    source: Rc<Source<u8>>,
    streamed: Cell<bool>,
    end: Rc<Shared<End>>,
    /// Tells the sender, when it is dropped, that no more is read.
    _read: FutureWriter<WasRead>,
}

impl IncomingBody {
    /// `consume` takes the body out of its message, and is given what tells whether it was read.
    pub(super) fn new(
        consume: impl FnOnce(FutureReader<WasRead>) -> (StreamReader<u8>, FutureReader<End>),
    ) -> Self {
        let (writer, read) = wit_future::new(|| Ok(()));
        let (stream, end) = consume(read);
        let end = Rc::new(Shared::new(async { end.await }));
        let trailers = end.clone();
        let ended = poll_fn(move |cx| {
            ready!(trailers.poll_ready(cx));
            let failure = trailers.peek(|end| end.as_ref().err().cloned());
            Poll::Ready(
                failure
                    .flatten()
                    .map_or(Ok(()), |code| Err(Error::from(code))),
            )
        });
        IncomingBody(Local::new(Body {
            source: input((stream, ended)),
            streamed: Cell::new(false),
            end,
            _read: writer,
        }))
    }

    /// What it contains, once.
    #[expect(clippy::result_unit_err, reason = "as in `wasip2`")]
    pub fn stream(&self) -> Result<InputStream, ()> {
        if self.0.streamed.replace(true) {
            Err(())
        } else {
            Ok(InputStream::new(self.0.source.clone()))
        }
    }

    /// Ends reading. The trailers come when the rest of the body has come.
    ///
    /// # Panics
    ///
    /// If its stream is still there, as 0.2 traps.
    pub fn finish(this: IncomingBody) -> FutureTrailers {
        let body = this.0.into_inner();
        assert!(
            body.source.handles.get() == 0,
            "an incoming body was finished before its stream was dropped"
        );
        let trailers = Shared::new(async move {
            loop {
                body.source.wait(SKIP as usize).await;
                if body.source.take(SKIP).is_err() {
                    break;
                }
            }
            poll_fn(|cx| body.end.poll_ready(cx)).await;
            body.end.take().expect("nobody else takes it")
        });
        FutureTrailers(Local::new(Rc::new(trailers)))
    }
}

impl fmt::Debug for IncomingBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingBody").finish_non_exhaustive()
    }
}

/// Trailers, once they are there.
pub struct FutureTrailers(Local<Rc<Shared<End>>>);

impl FutureTrailers {
    /// Ready when it is known what the trailers are.
    pub fn subscribe(&self) -> Pollable {
        Pollable::new((*self.0).clone())
    }

    /// The trailers, once. None: it is not known yet. An inner None: there are none.
    pub fn get(&self) -> Option<Result<Result<Option<Trailers>, ErrorCode>, ()>> {
        if self.0.is_taken() {
            return Some(Err(()));
        }
        let end = self.0.take()?;
        Some(Ok(end.map(|trailers| trailers.map(Into::into))))
    }
}

impl fmt::Debug for FutureTrailers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FutureTrailers").finish_non_exhaustive()
    }
}
