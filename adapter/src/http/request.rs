//! The resource `request`.

use super::body::{Body, Contents, TrailersFuture, Transmitted};
use super::fields::Fields;
use super::method::{method_from_p2, method_to_p2, scheme_from_p2, scheme_to_p2};
use super::options::RequestOptions;
use crate::bindings::p2::http::types::{IncomingRequest, OutgoingRequest};
use crate::bindings::p3::http::types::{self, GuestRequest, Headers, Method, Scheme};
use polyfill_guest::StreamReader;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

/// A request. Method, path and so on are kept, and checked, by 0.2.
pub struct Request {
    head: RefCell<Head>,
    options: Option<RequestOptions>,
    body: Body,
    /// Those of a request that came in: once they are asked for.
    headers: OnceCell<Fields>,
}

/// What is before the headers.
enum Head {
    /// To be sent.
    Outgoing(OutgoingRequest),
    /// As it came in.
    Incoming(Rc<IncomingRequest>),
}

impl Request {
    /// One that has come in.
    pub fn received(request: Rc<IncomingRequest>, body: Body) -> Self {
        Request {
            head: RefCell::new(Head::Incoming(request)),
            options: None,
            body,
            headers: OnceCell::new(),
        }
    }

    /// The head and the options, for 0.2, and the body.
    pub fn into_parts(self) -> (OutgoingRequest, Option<RequestOptions>, Body) {
        self.become_outgoing();
        let head = match self.head.into_inner() {
            Head::Outgoing(head) => head,
            Head::Incoming(_) => unreachable!("it has just become one to be sent"),
        };
        (head, self.options, self.body)
    }

    fn headers(&self) -> &Fields {
        self.headers.get_or_init(|| match &*self.head.borrow() {
            Head::Incoming(request) => Fields::of(request.clone()),
            Head::Outgoing(_) => unreachable!("what is to be sent has headers"),
        })
    }

    /// One that came in becomes one to be sent.
    fn become_outgoing(&self) {
        let outgoing = match &*self.head.borrow() {
            Head::Incoming(incoming) => outgoing(incoming, self.headers()),
            Head::Outgoing(_) => return,
        };
        self.head.replace(Head::Outgoing(outgoing));
    }

    /// Changes the head.
    fn change<R>(&self, change: impl FnOnce(&OutgoingRequest) -> R) -> R {
        self.become_outgoing();
        match &*self.head.borrow() {
            Head::Outgoing(head) => change(head),
            Head::Incoming(_) => unreachable!("it has just become one to be sent"),
        }
    }
}

/// A request like this one, to be sent. What came in was well-formed.
fn outgoing(head: &IncomingRequest, headers: &Fields) -> OutgoingRequest {
    let request = OutgoingRequest::new(headers.to_p2());
    let _ = request.set_method(&head.method());
    let _ = request.set_path_with_query(head.path_with_query().as_deref());
    let _ = request.set_scheme(head.scheme().as_ref());
    let _ = request.set_authority(head.authority().as_deref());
    request
}

/// Asks the head, of either kind, for the same.
macro_rules! head {
    ($request:expr, $head:ident => $get:expr) => {
        match &*$request.head.borrow() {
            Head::Outgoing($head) => $get,
            Head::Incoming($head) => $get,
        }
    };
}

impl GuestRequest for Request {
    fn new(
        headers: Headers,
        contents: Option<StreamReader<u8>>,
        trailers: TrailersFuture,
        options: Option<types::RequestOptions>,
    ) -> (types::Request, Transmitted) {
        let headers = headers.into_inner::<Fields>().frozen();
        let (body, transmitted) = Body::given(contents, trailers);
        let request = Request {
            head: RefCell::new(Head::Outgoing(OutgoingRequest::new(headers.to_p2()))),
            options: options.map(|options| options.into_inner::<RequestOptions>().frozen()),
            body,
            headers: OnceCell::from(headers),
        };
        (types::Request::new(request), transmitted)
    }

    fn get_method(&self) -> Method {
        method_from_p2(head!(self, head => head.method()))
    }

    fn set_method(&self, method: Method) -> Result<(), ()> {
        self.change(|head| head.set_method(&method_to_p2(method)))
    }

    fn get_path_with_query(&self) -> Option<String> {
        head!(self, head => head.path_with_query())
    }

    fn set_path_with_query(&self, path_with_query: Option<String>) -> Result<(), ()> {
        self.change(|head| head.set_path_with_query(path_with_query.as_deref()))
    }

    fn get_scheme(&self) -> Option<Scheme> {
        head!(self, head => head.scheme()).map(scheme_from_p2)
    }

    fn set_scheme(&self, scheme: Option<Scheme>) -> Result<(), ()> {
        self.change(|head| head.set_scheme(scheme.map(scheme_to_p2).as_ref()))
    }

    fn get_authority(&self) -> Option<String> {
        head!(self, head => head.authority())
    }

    fn set_authority(&self, authority: Option<String>) -> Result<(), ()> {
        self.change(|head| head.set_authority(authority.as_deref()))
    }

    fn get_options(&self) -> Option<types::RequestOptions> {
        let options = self.options.as_ref()?;
        Some(types::RequestOptions::new(options.frozen()))
    }

    fn get_headers(&self) -> Headers {
        Headers::new(self.headers().frozen())
    }

    fn consume_body(this: types::Request, res: Transmitted) -> Contents {
        this.into_inner::<Request>().body.consume(res)
    }
}
