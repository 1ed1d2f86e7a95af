use spin_sdk::http::{IntoResponse, Request, Router};
use spin_sdk::{http_component, key_value::Store, sqlite3};
use spin_sdk::redis_component as on_redis;

#[http_component]
fn handle(request: Request) -> impl IntoResponse {
    let connection = spin_sdk::pg4::Connection::open("");
    sqlite3::Connection::open_default()
}

#[on_redis]
fn on_message(message: ()) {}

#[spin_sdk::http_wasip3::http_service]
async fn serve(request: spin_sdk::http::IncomingRequest, out: spin_sdk::http::ResponseOutparam) {}
