//! The resource `request-options`.

use crate::bindings::p2::http::types as p2;
use crate::bindings::p3::http::types::{self, Duration, GuestRequestOptions, RequestOptionsError};
use std::cell::Cell;
use std::rc::Rc;

/// Options. Those of a request are shared with those who ask the request for them.
pub struct RequestOptions(Rc<Shared>);

struct Shared {
    p2: p2::RequestOptions,
    immutable: Cell<bool>,
}

impl RequestOptions {
    fn of(p2: p2::RequestOptions) -> Self {
        Self(Rc::new(Shared {
            p2,
            immutable: Cell::new(false),
        }))
    }

    /// The same ones, which nobody changes any more.
    pub fn frozen(&self) -> Self {
        self.0.immutable.set(true);
        Self(self.0.clone())
    }

    /// A copy for 0.2 to keep. What could be set once can be set again.
    pub fn to_p2(&self) -> p2::RequestOptions {
        let (from, to) = (&self.0.p2, p2::RequestOptions::new());
        let _ = to.set_connect_timeout(from.connect_timeout());
        let _ = to.set_first_byte_timeout(from.first_byte_timeout());
        let _ = to.set_between_bytes_timeout(from.between_bytes_timeout());
        to
    }

    fn set(
        &self,
        set: impl FnOnce(&p2::RequestOptions) -> Result<(), ()>,
    ) -> Result<(), RequestOptionsError> {
        if self.0.immutable.get() {
            Err(RequestOptionsError::Immutable)
        } else {
            set(&self.0.p2).map_err(|()| RequestOptionsError::NotSupported)
        }
    }
}

impl GuestRequestOptions for RequestOptions {
    fn new() -> Self {
        RequestOptions::of(p2::RequestOptions::new())
    }

    fn get_connect_timeout(&self) -> Option<Duration> {
        self.0.p2.connect_timeout()
    }

    fn set_connect_timeout(&self, duration: Option<Duration>) -> Result<(), RequestOptionsError> {
        self.set(|options| options.set_connect_timeout(duration))
    }

    fn get_first_byte_timeout(&self) -> Option<Duration> {
        self.0.p2.first_byte_timeout()
    }

    fn set_first_byte_timeout(
        &self,
        duration: Option<Duration>,
    ) -> Result<(), RequestOptionsError> {
        self.set(|options| options.set_first_byte_timeout(duration))
    }

    fn get_between_bytes_timeout(&self) -> Option<Duration> {
        self.0.p2.between_bytes_timeout()
    }

    fn set_between_bytes_timeout(
        &self,
        duration: Option<Duration>,
    ) -> Result<(), RequestOptionsError> {
        self.set(|options| options.set_between_bytes_timeout(duration))
    }

    fn clone(&self) -> types::RequestOptions {
        types::RequestOptions::new(RequestOptions::of(self.to_p2()))
    }
}
