//! Asks another service, and passes on what it says, with an error of its own.

use wasi::exports::http::incoming_handler::Guest;
use wasi::http::outgoing_handler;
use wasi::http::types::{
    ErrorCode, Headers, IncomingBody, IncomingRequest, IncomingResponse, OutgoingBody, OutgoingRequest, OutgoingResponse,
    ResponseOutparam, Scheme,
};

struct Lookup;

wasi::http::proxy::export!(Lookup);

impl Guest for Lookup {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let Some(path) = request.path_with_query() else {
            ResponseOutparam::set(out, Err(ErrorCode::HttpRequestUriInvalid));
            return;
        };
        match ask(&path) {
            Ok(response) => {
                let status = response.status();
                let text = text_of(response);
                let headers = Headers::new();
                let answer = OutgoingResponse::new(headers);
                answer.set_status_code(status).unwrap();
                let body = answer.body().unwrap();
                ResponseOutparam::set(out, Ok(answer));
                {
                    let stream = body.write().unwrap();
                    stream.blocking_write_and_flush(text.as_bytes()).unwrap();
                }
                OutgoingBody::finish(body, None).unwrap();
            }
            Err(error) => ResponseOutparam::set(out, Err(error)),
        }
    }
}

fn ask(path: &str) -> Result<IncomingResponse, ErrorCode> {
    let request = OutgoingRequest::new(Headers::new());
    request.set_scheme(Some(&Scheme::Http)).unwrap();
    request.set_authority(Some("names.internal:8080")).unwrap();
    request.set_path_with_query(Some(path)).unwrap();
    let future = outgoing_handler::handle(request, None).map_err(|_| ErrorCode::DestinationUnavailable)?;
    future.subscribe().block();
    let response = future.get().unwrap().unwrap()?;
    Ok(response)
}

fn text_of(response: IncomingResponse) -> String {
    let body = response.consume().unwrap();
    let stream = body.stream().unwrap();
    let mut bytes = Vec::new();
    while let Ok(mut chunk) = stream.blocking_read(1024) {
        bytes.append(&mut chunk);
    }
    drop(stream);
    IncomingBody::finish(body);
    String::from_utf8_lossy(&bytes).into_owned()
}
