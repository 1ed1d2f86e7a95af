//! `wasi:http/client`.

use super::body::{Body, TrailersFuture};
use super::error;
use super::fields::Fields;
use super::request::Request;
use super::response::Response;
use crate::Adapter;
use crate::bindings::p2::http::outgoing_handler;
use crate::bindings::p2::http::types::{FutureIncomingResponse, OutgoingBody};
use crate::bindings::p3::http::client::Guest;
use crate::bindings::p3::http::types::{self, ErrorCode};
use crate::output;
use crate::resolve::resolve;
use polyfill_guest::{JoinHandle, StreamReader, pollable, spawn_local};

impl Guest for Adapter {
    async fn send(request: types::Request) -> Result<types::Response, ErrorCode> {
        let Request {
            p2, options, body, ..
        } = request.into_inner();
        let Body::Given {
            contents,
            trailers,
            transmitted,
        } = body
        else {
            unreachable!("requests are made by guests");
        };
        let outgoing = p2.body().map_err(|()| ErrorCode::InternalError(None))?;
        let options = options.map(|options| options.to_p2());
        let response = match outgoing_handler::handle(p2, options) {
            Ok(response) => response,
            Err(code) => {
                let code = error::code(code);
                resolve(transmitted, Err(code.clone()));
                return Err(code);
            }
        };
        let sending = Sending(Some(spawn_local(async move {
            let result = transmit(contents, trailers, outgoing).await;
            resolve(transmitted, result);
        })));
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

async fn incoming(
    response: &FutureIncomingResponse,
) -> Result<crate::bindings::p2::http::types::IncomingResponse, ErrorCode> {
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

/// Sends contents and trailers. A body that is dropped unfinished tells the host that it is incomplete.
async fn transmit(
    contents: Option<StreamReader<u8>>,
    trailers: TrailersFuture,
    body: OutgoingBody,
) -> Result<(), ErrorCode> {
    if let Some(contents) = contents {
        let stream = body.write().map_err(|()| ErrorCode::InternalError(None))?;
        output::copy(contents, &stream)
            .await
            .map_err(error::of_stream)?;
    }
    let trailers = trailers.await?;
    let trailers = trailers.map(|trailers| trailers.into_inner::<Fields>().to_p2());
    OutgoingBody::finish(body, trailers).map_err(error::code)
}
