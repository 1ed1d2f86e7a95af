//! Which values a request, a response and options take, and what is there afterwards.

use crate::words::Line;
use compat_api::http::types::{Fields, Method, Request, RequestOptions, Response, Scheme};
use compat_api::wit_future;

fn request() -> Request {
    let (_, trailers) = wit_future::new(|| Ok(None));
    Request::new(Fields::new(), None, trailers, None).0
}

pub fn method(line: &Line) -> String {
    let request = request();
    let set = request.set_method(&Method::Other(line.text(1).unwrap_or_default()));
    format!("{set:?} {:?}", request.get_method())
}

pub fn scheme(line: &Line) -> String {
    let request = request();
    let set = request.set_scheme(line.text(1).map(Scheme::Other).as_ref());
    format!("{set:?} {:?}", request.get_scheme())
}

pub fn path(line: &Line) -> String {
    let request = request();
    let set = request.set_path_with_query(line.text(1).as_deref());
    format!("{set:?} {:?}", request.get_path_with_query())
}

pub fn authority(line: &Line) -> String {
    let request = request();
    let set = request.set_authority(line.text(1).as_deref());
    format!("{set:?} {:?}", request.get_authority())
}

pub fn status(line: &Line) -> String {
    let (_, trailers) = wit_future::new(|| Ok(None));
    let response = Response::new(Fields::new(), None, trailers).0;
    let set = response.set_status_code(line.number(1) as u16);
    format!("{set:?} {}", response.get_status_code())
}

pub fn timeout(line: &Line) -> String {
    let options = RequestOptions::new();
    let timeout = line.text(1).and_then(|text| text.parse().ok());
    let set = (
        options.set_connect_timeout(timeout),
        options.set_first_byte_timeout(timeout),
        options.set_between_bytes_timeout(timeout),
    );
    let got = (
        options.get_connect_timeout(),
        options.get_first_byte_timeout(),
        options.get_between_bytes_timeout(),
    );
    format!("{set:?} {got:?}")
}
