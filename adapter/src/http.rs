//! `wasi:http`: what is sent and received through 0.2's `outgoing-handler`.

mod body;
mod client;
mod error;
mod fields;
mod method;
mod options;
mod request;
mod response;

use crate::Adapter;
use crate::bindings::p3::http::types;

impl types::Guest for Adapter {
    type Fields = fields::Fields;
    type Request = request::Request;
    type RequestOptions = options::RequestOptions;
    type Response = response::Response;
}
