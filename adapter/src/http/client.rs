//! `wasi:http/client`.

use super::error;
use super::request::Request;
use super::response::Response;
use crate::Adapter;
use crate::bindings::p2::http::outgoing_handler;
use crate::bindings::p2::http::types::{FutureIncomingResponse, IncomingResponse};
use crate::bindings::p3::http::client::Guest;
use crate::bindings::p3::http::types::{self, ErrorCode};
use polyfill_guest::{JoinHandle, pollable, spawn_local};

impl Guest for Adapter {
    async fn send(request: types::Request) -> Result<types::Response, ErrorCode> {
        let (p2, options, body) = request.into_inner::<Request>().into_parts();
        let outgoing = p2.body().map_err(|()| ErrorCode::InternalError(None))?;
        let options = options.map(|options| options.to_p2());
        let response = match outgoing_handler::handle(p2, options) {
            Ok(response) => response,
            Err(code) => {
                let code = error::code(code);
                body.give_up(code.clone());
                return Err(code);
            }
        };
        let sending = Sending(Some(spawn_local(body.transmit(outgoing))));
        let response = incoming(&response).await?;
        sending.go_on();
        Ok(types::Response::new(Response::incoming(response)))
    }
}

/// The body on its way. It is given up with the call of `send`, but goes on once there is a response.
struct Sending(Option<JoinHandle<()>>);

impl Sending {
    fn go_on(mut self) {
        self.0 = None;
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if let Some(mut task) = self.0.take() {
            task.cancel();
        }
    }
}

async fn incoming(response: &FutureIncomingResponse) -> Result<IncomingResponse, ErrorCode> {
    loop {
        match response.get() {
            None => pollable!(response.subscribe()).await,
            Some(Ok(Ok(response))) => return Ok(response),
            Some(Ok(Err(code))) => return Err(error::code(code)),
            // Taken twice, which it is not.
            Some(Err(())) => return Err(ErrorCode::InternalError(None)),
        }
    }
}
