//! A guest outside of the repository: says hello when a moment has passed, and a random number of its own bindings.

use compat_api::cli::stdout;
use compat_api::clocks::monotonic_clock;
use compat_api::exports::cli::run::Guest;
use compat_api::{wit_bindgen, wit_stream};

mod own {
    polyfill_guest::generate!({
        inline: "package outside:guest; world guest { import wasi:random/insecure@0.3.2; }",
        wasi: "0.3",
        generate_all,
    });
}

struct Hello;

compat_api::cli::command::export!(Hello);

impl Guest for Hello {
    async fn run() -> Result<(), ()> {
        monotonic_clock::wait_for(1_000_000).await;
        let (mut writer, text) = wit_stream::new();
        wit_bindgen::spawn_local(async move {
            let random = own::wasi::random::insecure::get_insecure_random_bytes(4);
            let text = format!("hello from outside, {} bytes\n", random.len());
            writer.write_all(text.into_bytes()).await;
        });
        stdout::write_via_stream(text).await.map_err(drop)
    }
}
