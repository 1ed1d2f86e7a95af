// spin_sdk::http_component
use /* the macro */ spin_sdk::http_component; // spin_sdk::pg3

#[http_component /* here */]
async fn handle(request: ()) {}
