//! Answers with the body of the request, in upper case.

use wasi::exports::http::incoming_handler::Guest;
use wasi::http::types::*;

struct Echo;

wasi::http::proxy::export!(Echo);

impl Guest for Echo {
    fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
        if !matches!(request.method(), Method::Post | Method::Put) {
            let response = OutgoingResponse::new(Fields::new());
            response.set_status_code(405).unwrap();
            ResponseOutparam::set(response_out, Ok(response));
            return;
        }
        let incoming = request.consume().unwrap();
        let input = incoming.stream().unwrap();

        let response = OutgoingResponse::new(Fields::new());
        let outgoing = response.body().unwrap();
        ResponseOutparam::set(response_out, Ok(response));

        let output = outgoing.write().unwrap();
        while let Ok(chunk) = input.blocking_read(4096) {
            let upper = chunk.to_ascii_uppercase();
            output.blocking_write_and_flush(&upper).unwrap();
        }
        drop(output);
        OutgoingBody::finish(outgoing, None).unwrap();
    }
}
