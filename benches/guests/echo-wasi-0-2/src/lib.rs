//! `POST /echo` as the case `echo` answers it, written by hand for WASI 0.2: piece by piece, as it comes.

use wasip2::http::types::{
    Fields, IncomingBody, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::StreamError;

struct Echo;

wasip2::http::proxy::export!(Echo);

/// How much is read at once.
const CHUNK: u64 = 64 * 1024;

impl wasip2::exports::http::incoming_handler::Guest for Echo {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let headers = Fields::new();
        let path = request.path_with_query();
        if !matches!(request.method(), Method::Post) || path.as_deref() != Some("/echo") {
            let response = OutgoingResponse::new(headers);
            response.set_status_code(405).expect("a valid status");
            ResponseOutparam::set(out, Ok(response));
            return;
        }
        let types = request.headers().get("content-type");
        if !types.is_empty() {
            headers
                .set("content-type", &types)
                .expect("new fields can be set");
        }
        let response = OutgoingResponse::new(headers);
        let to = response.body().expect("it has not been taken");
        ResponseOutparam::set(out, Ok(response));

        let from = request.consume().expect("it has not been taken");
        let (input, output) = (from.stream(), to.write());
        let input = input.expect("it has not been taken");
        let output = output.expect("it has not been taken");
        loop {
            match input.blocking_read(CHUNK) {
                Ok(bytes) => {
                    let mut bytes = &bytes[..];
                    while !bytes.is_empty() {
                        match output.check_write().expect("the client is there") {
                            0 => output.subscribe().block(),
                            room => {
                                let (now, later) = bytes.split_at(bytes.len().min(room as usize));
                                output.write(now).expect("there is room");
                                bytes = later;
                            }
                        }
                    }
                }
                Err(StreamError::Closed) => break,
                Err(error) => panic!("the request is broken: {error:?}"),
            }
        }
        output.blocking_flush().expect("the client is there");
        drop((input, output));
        drop(IncomingBody::finish(from));
        OutgoingBody::finish(to, None).expect("all of it is written");
    }
}
