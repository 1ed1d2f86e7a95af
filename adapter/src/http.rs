//! `wasi:http`: what is sent through 0.2's `outgoing-handler`, and served by `incoming-handler`.

mod body;
#[cfg(not(feature = "server"))]
mod client;
mod error;
mod fields;
mod incoming;
mod join;
mod length;
mod method;
mod options;
mod received;
mod request;
mod response;
mod size;
mod syntax;
mod transmit;

use crate::Adapter;
use crate::bindings::p3::http::types;

impl types::Guest for Adapter {
    type Fields = fields::Fields;
    type Request = request::Request;
    type RequestOptions = options::RequestOptions;
    type Response = response::Response;
}
