//! Fetches a page and passes its text on: the sending is matched on, the body is read to its end.

use std::io::Read;

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::*;

struct Fetcher;

impl Guest for Fetcher {
    fn handle(_request: IncomingRequest, response_out: ResponseOutparam) {
        let req = wasip2::http::outgoing_handler::OutgoingRequest::new(Fields::new());
        req.set_scheme(Some(&Scheme::Https)).unwrap();
        req.set_authority(Some("upstream.example")).unwrap();
        req.set_path_with_query(Some("/page"))
            .unwrap();

        let body = match wasip2::http::outgoing_handler::handle(req, None) {
            Ok(resp) => {
                resp.subscribe().block();
                let response = resp
                    .get()
                    .expect("HTTP request response missing")
                    .expect("HTTP request response requested more than once")
                    .expect("HTTP request failed");
                if response.status() == 200 {
                    let response_body = response
                        .consume()
                        .expect("failed to get incoming request body");
                    let body = {
                        let mut buf = vec![];
                        let mut stream = response_body
                            .stream()
                            .expect("failed to get HTTP request response stream");
                        stream
                            .read_to_end(&mut buf)
                            .expect("failed to read value from HTTP request response stream");
                        buf
                    };
                    let _trailers = wasip2::http::types::IncomingBody::finish(response_body);
                    String::from_utf8_lossy(&body).to_string()
                } else {
                    format!("HTTP request failed with status code {}", response.status())
                }
            }
            Err(e) => {
                format!("Got error when trying to fetch the page: {}", e)
            }
        };

        let response = OutgoingResponse::new(Fields::new());
        response.set_status_code(200).unwrap();
        let response_body = response.body().unwrap();
        let stream = response_body.write().unwrap();
        ResponseOutparam::set(response_out, Ok(response));
        stream.blocking_write_and_flush(body.as_bytes()).unwrap();
        drop(stream);
        OutgoingBody::finish(response_body, None).expect("failed to finish response body");
    }
}

wasip2::http::proxy::export!(Fetcher);
