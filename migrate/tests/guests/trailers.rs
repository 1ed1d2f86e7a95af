//! Answers with a checksum in the trailers, on `wasip2`.

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

struct Sum;

wasip2::http::proxy::export!(Sum);

impl Guest for Sum {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let headers = Fields::new();
        headers.set("trailer", &[b"x-sum".to_vec()]).unwrap();
        let response = OutgoingResponse::new(headers);
        let body = response.body().unwrap();
        ResponseOutparam::set(out, Ok(response));

        let stream = body.write().unwrap();
        let room = stream.subscribe();
        room.block();
        stream.check_write().unwrap();
        stream.write(path.as_bytes()).unwrap();
        stream.blocking_write_zeroes_and_flush(3).unwrap();
        stream.flush().unwrap();
        drop(room);
        drop(stream);

        let sum: u32 = path.bytes().map(u32::from).sum();
        let trailers = Fields::from_list(&[("x-sum".to_string(), sum.to_string().into_bytes())]).unwrap();
        OutgoingBody::finish(body, Some(trailers)).unwrap();
    }
}
