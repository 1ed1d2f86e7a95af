//! Sends each request on to the component that its path names, all of them in one composition: `/echo`, `/double-echo`,
//! `/hash-all`, `/service`, `/middleware`. `/proxy` goes to the URL in the header `url`; anything else is 404.

mod proxy;

use compat_api::exports::http::handler::Guest;
use compat_api::http::types::{ErrorCode, Fields, Request, Response};
use compat_api::wit_future;

wit_bindgen::generate!({
    world: "cases:router/routes",
    path: ["../../wit/wasi/0.3", "wit"],
    with: {
        "wasi:clocks/types@0.3.2": compat_api::clocks::types,
        "wasi:http/types@0.3.2": compat_api::http::types,
    },
});

struct Router;

compat_api::http::service::export!(Router);

impl Guest for Router {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let target = request.get_path_with_query().unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default();
        match path {
            "/echo" | "/double-echo" => echo::handle(request).await,
            "/hash-all" => hash_all::handle(request).await,
            "/service" => service::handle(request).await,
            "/middleware" => middleware::handle(request).await,
            "/proxy" => proxy::forward(request).await,
            _ => Ok(empty(404)),
        }
    }
}

fn empty(status: u16) -> Response {
    let (response, _sent) = Response::new(Fields::new(), None, wit_future::new(|| Ok(None)).1);
    response.set_status_code(status).expect("a valid status");
    response
}
