//! Serving on 0.2's `incoming-handler`: its request becomes one of 0.3, and a response of 0.3 its answer.

use super::body::Body;
use super::error;
use super::received::Received;
use super::request::Request;
use super::response::Response;
use crate::Adapter;
use crate::bindings::incoming::Guest;
use crate::bindings::p2::http::types::{IncomingRequest, OutgoingResponse, ResponseOutparam};
use crate::bindings::p3::http::types::{self, ErrorCode};
use polyfill_guest::spawn_local;
use std::rc::Rc;

impl Guest for Adapter {
    fn receive(request: IncomingRequest) -> types::Request {
        let request = Rc::new(request);
        let body = Body::Received(Received::Request(request.clone()));
        types::Request::new(Request::received(request, body))
    }

    fn respond(to: ResponseOutparam, mut answer: Vec<Result<types::Response, ErrorCode>>) {
        let (head, body) = match answer.pop() {
            Some(Ok(response)) => response.into_inner::<Response>().into_parts(),
            Some(Err(code)) => return ResponseOutparam::set(to, Err(error::to_p2(code))),
            // A driver of ours has exactly one.
            None => return,
        };
        let Ok(outgoing) = head.body() else {
            // Only this function takes it, and once.
            return ResponseOutparam::set(to, Err(error::to_p2(ErrorCode::InternalError(None))));
        };
        let head: OutgoingResponse = head;
        ResponseOutparam::set(to, Ok(head));
        spawn_local(body.transmit(outgoing));
    }
}
