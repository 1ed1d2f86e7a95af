//! The resource `request`.

use super::body::{Body, Contents, TrailersFuture, Transmitted};
use super::fields::Fields;
use super::method::{self, method_from_p2, method_to_p2, scheme_from_p2, scheme_to_p2};
use super::options::RequestOptions;
use super::syntax;
use crate::bindings::p2::http::types::{IncomingRequest, OutgoingRequest};
use crate::bindings::p3::http::types::{self, ErrorCode, GuestRequest, Headers, Method, Scheme};
use polyfill_guest::StreamReader;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

/// A request.
pub struct Request {
    head: RefCell<Head>,
    options: Option<RequestOptions>,
    body: Body,
    /// Those of a request that came in: once they are asked for.
    headers: OnceCell<Fields>,
}

/// What is before the headers.
enum Head {
    /// As a guest has made it, or changed it.
    Made(Target),
    /// As it came in.
    Incoming(Rc<IncomingRequest>),
}

/// Where a request goes, and to do what. All of it is well-formed.
struct Target {
    method: Method,
    scheme: Option<Scheme>,
    authority: Option<String>,
    path_with_query: Option<String>,
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

    /// What it consists of, to be sent.
    pub fn into_parts(self) -> (Unsent, Option<RequestOptions>, Body) {
        self.headers();
        let target = match self.head.into_inner() {
            Head::Made(target) => target,
            Head::Incoming(request) => Target::of(&request),
        };
        let headers = self.headers.into_inner().expect("they are there");
        (Unsent { target, headers }, self.options, self.body)
    }

    fn headers(&self) -> &Fields {
        self.headers.get_or_init(|| match &*self.head.borrow() {
            Head::Incoming(request) => Fields::of(request.clone()),
            Head::Made(_) => unreachable!("what a guest has made has headers"),
        })
    }

    /// Asks for something of the target.
    fn get<R>(
        &self,
        of_made: impl FnOnce(&Target) -> R,
        of_incoming: impl FnOnce(&IncomingRequest) -> R,
    ) -> R {
        match &*self.head.borrow() {
            Head::Made(target) => of_made(target),
            Head::Incoming(request) => of_incoming(request),
        }
    }

    /// Changes something of the target, if `value` is one.
    fn set<T>(&self, value: Option<T>, to: impl FnOnce(&mut Target) -> &mut T) -> Result<(), ()> {
        let value = value.ok_or(())?;
        let mut head = self.head.borrow_mut();
        if let Head::Incoming(request) = &*head {
            // They are of the request as it came in.
            self.headers.get_or_init(|| Fields::of(request.clone()));
            let target = Target::of(request);
            *head = Head::Made(target);
        }
        match &mut *head {
            Head::Made(target) => *to(target) = value,
            Head::Incoming(_) => unreachable!("it has just become one that a guest has made"),
        }
        Ok(())
    }
}

impl Target {
    /// That of a request as it came in.
    fn of(request: &IncomingRequest) -> Self {
        Target {
            method: method_from_p2(request.method()),
            scheme: request.scheme().map(scheme_from_p2),
            authority: authority(request),
            path_with_query: request.path_with_query(),
        }
    }
}

/// That of a request as it came in: some hosts have an empty one where there is none.
fn authority(request: &IncomingRequest) -> Option<String> {
    request
        .authority()
        .filter(|authority| !authority.is_empty())
}

/// The head of a request that is to be sent.
pub struct Unsent {
    target: Target,
    headers: Fields,
}

impl Unsent {
    /// The request for 0.2, and how long its body must be: an error if it is none that 0.2 can send.
    pub fn into_p2(self) -> Result<(OutgoingRequest, Option<u64>), ErrorCode> {
        let Unsent { target, headers } = self;
        let authority = target.authority.ok_or(ErrorCode::HttpRequestUriInvalid)?;
        let length = headers.content_length()?;
        let request = OutgoingRequest::new(headers.into_p2());
        request
            .set_method(&method_to_p2(target.method))
            .map_err(|()| ErrorCode::HttpRequestMethodInvalid)?;
        // Hosts may have defaults of their own: those of 0.3 have this one.
        let scheme = scheme_to_p2(target.scheme.unwrap_or(Scheme::Https));
        request
            .set_scheme(Some(&scheme))
            .map_err(|()| ErrorCode::HttpProtocolError)?;
        // None means an empty path, which goes over the wire as `/`; not every host knows.
        let path = match target.path_with_query {
            None => "/".to_owned(),
            Some(path) if path.starts_with('?') => format!("/{path}"),
            Some(path) => path,
        };
        request
            .set_path_with_query(Some(&path))
            .and_then(|()| request.set_authority(Some(&authority)))
            .map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
        Ok((request, length))
    }
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
            head: RefCell::new(Head::Made(Target {
                method: Method::Get,
                scheme: None,
                authority: None,
                path_with_query: None,
            })),
            options: options.map(|options| options.into_inner::<RequestOptions>().frozen()),
            body,
            headers: OnceCell::from(headers),
        };
        (types::Request::new(request), transmitted)
    }

    fn get_method(&self) -> Method {
        self.get(
            |target| target.method.clone(),
            |request| method_from_p2(request.method()),
        )
    }

    fn set_method(&self, method: Method) -> Result<(), ()> {
        self.set(method::method(method), |target| &mut target.method)
    }

    fn get_path_with_query(&self) -> Option<String> {
        self.get(
            |target| target.path_with_query.clone(),
            IncomingRequest::path_with_query,
        )
    }

    fn set_path_with_query(&self, path_with_query: Option<String>) -> Result<(), ()> {
        let path = optional(path_with_query, syntax::path_with_query);
        self.set(path, |target| &mut target.path_with_query)
    }

    fn get_scheme(&self) -> Option<Scheme> {
        self.get(
            |target| target.scheme.clone(),
            |request| request.scheme().map(scheme_from_p2),
        )
    }

    fn set_scheme(&self, scheme: Option<Scheme>) -> Result<(), ()> {
        let scheme = optional(scheme, method::scheme);
        self.set(scheme, |target| &mut target.scheme)
    }

    fn get_authority(&self) -> Option<String> {
        self.get(|target| target.authority.clone(), authority)
    }

    fn set_authority(&self, authority: Option<String>) -> Result<(), ()> {
        let authority = optional(authority, |text| {
            syntax::is_authority(&text).then_some(text)
        });
        self.set(authority, |target| &mut target.authority)
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

/// What `check` makes of the value, if there is one; none: it is not valid.
fn optional<X, Y>(value: Option<X>, check: impl FnOnce(X) -> Option<Y>) -> Option<Option<Y>> {
    match value {
        Some(value) => check(value).map(Some),
        None => Some(None),
    }
}
