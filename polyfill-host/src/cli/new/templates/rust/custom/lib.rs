//! Implements `wit/world.wit`.

use compat_api::clocks::monotonic_clock;

wit_bindgen::generate!({ world: "app", path: "wit" });

struct App;

export!(App);

impl exports::local::app::greeter::Guest for App {
    async fn greet(name: String) -> String {
        monotonic_clock::wait_for(10_000_000).await; // nanoseconds
        format!("Hello, {name}!")
    }
}
