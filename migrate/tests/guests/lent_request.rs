//! Routes by method and path; the body is read by a function that is lent the request.

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    Fields, Headers, IncomingBody, IncomingRequest, Method, OutgoingBody, OutgoingResponse,
    ResponseOutparam,
};
use wasip2::io::streams::StreamError;

struct Component;

fn read_body(request: &IncomingRequest) -> Result<Vec<u8>, String> {
    let body = request.consume().map_err(|_| "no body".to_string())?;
    let stream = body.stream().map_err(|_| "no stream".to_string())?;
    let mut out = Vec::new();
    loop {
        match stream.blocking_read(8192) {
            Ok(chunk) if chunk.is_empty() => break,
            Ok(chunk) => out.extend(chunk),
            Err(StreamError::Closed) => break,
            Err(StreamError::LastOperationFailed(e)) => return Err(e.to_debug_string()),
        }
    }
    drop(stream);
    let _ = IncomingBody::finish(body);
    Ok(out)
}

fn send(out: ResponseOutparam, status: u16, content_type: &str, body: &[u8]) {
    let headers = Headers::from_list(&[(
        "content-type".to_string(),
        content_type.as_bytes().to_vec(),
    )])
    .unwrap();
    let response = OutgoingResponse::new(headers);
    response.set_status_code(status).unwrap();
    let outgoing = response.body().unwrap();
    ResponseOutparam::set(out, Ok(response));
    {
        let stream = outgoing.write().unwrap();
        for chunk in body.chunks(4096) {
            stream.blocking_write_and_flush(chunk).unwrap();
        }
    }
    OutgoingBody::finish(outgoing, None).unwrap();
}

impl Guest for Component {
    fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let method = request.method();
        match (method, path.as_str()) {
            (Method::Get, "/") => send(response_out, 200, "text/plain", b"home"),
            (Method::Post, "/echo") => match read_body(&request) {
                Ok(body) => send(response_out, 200, "application/octet-stream", &body),
                Err(e) => send(response_out, 400, "text/plain", e.as_bytes()),
            },
            (Method::Get, p) if p.starts_with("/hello/") => {
                let name = &p["/hello/".len()..];
                send(response_out, 200, "text/plain", format!("Hello {name}").as_bytes());
            }
            _ => send(response_out, 404, "text/plain", b"not found"),
        }
    }
}

wasip2::http::proxy::export!(Component);
