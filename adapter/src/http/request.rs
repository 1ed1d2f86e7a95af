//! The resource `request`.

use super::body::{Body, Contents, TrailersFuture, Transmitted};
use super::fields::Fields;
use super::method::{method_from_p2, method_to_p2, scheme_from_p2, scheme_to_p2};
use super::options::RequestOptions;
use crate::bindings::p2::http::types::OutgoingRequest;
use crate::bindings::p3::http::types::{self, GuestRequest, Headers, Method, Scheme};
use polyfill_guest::StreamReader;

/// A request. Method, path and so on are kept, and checked, by 0.2.
pub struct Request {
    pub p2: OutgoingRequest,
    pub options: Option<RequestOptions>,
    pub body: Body,
    headers: Fields,
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
            p2: OutgoingRequest::new(headers.to_p2()),
            options: options.map(|options| options.into_inner::<RequestOptions>().frozen()),
            body,
            headers,
        };
        (types::Request::new(request), transmitted)
    }

    fn get_method(&self) -> Method {
        method_from_p2(self.p2.method())
    }

    fn set_method(&self, method: Method) -> Result<(), ()> {
        self.p2.set_method(&method_to_p2(method))
    }

    fn get_path_with_query(&self) -> Option<String> {
        self.p2.path_with_query()
    }

    fn set_path_with_query(&self, path_with_query: Option<String>) -> Result<(), ()> {
        self.p2.set_path_with_query(path_with_query.as_deref())
    }

    fn get_scheme(&self) -> Option<Scheme> {
        self.p2.scheme().map(scheme_from_p2)
    }

    fn set_scheme(&self, scheme: Option<Scheme>) -> Result<(), ()> {
        self.p2.set_scheme(scheme.map(scheme_to_p2).as_ref())
    }

    fn get_authority(&self) -> Option<String> {
        self.p2.authority()
    }

    fn set_authority(&self, authority: Option<String>) -> Result<(), ()> {
        self.p2.set_authority(authority.as_deref())
    }

    fn get_options(&self) -> Option<types::RequestOptions> {
        let options = self.options.as_ref()?;
        Some(types::RequestOptions::new(options.frozen()))
    }

    fn get_headers(&self) -> Headers {
        Headers::new(self.headers.frozen())
    }

    fn consume_body(this: types::Request, res: Transmitted) -> Contents {
        this.into_inner::<Request>().body.consume(res)
    }
}
