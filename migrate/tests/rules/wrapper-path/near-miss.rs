use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    http_component(request)
}

fn http_component(request: Request) -> u8 {
    0
}
