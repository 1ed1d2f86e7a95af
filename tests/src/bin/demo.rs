//! The end of `cargo xtask demo`: serves `hash-all` for each backend, sends it a request, shows
//! what goes over the wire.

use http::{Request, Response};
use isyswasfa_tests::{Backend, Server, Upstream, body, exchange, guest};

#[tokio::main]
async fn main() {
    // Two servers for the guest to fetch from.
    let hello = Upstream::start(|_| async { Response::new(body::full("hello, world\n")) }).await;
    let large = Upstream::start(|_| async { Response::new(body::patterned(10 << 20)) }).await;
    let urls = [
        hello.url("/hello"),
        large.url("/ten-megabytes"),
        "nonsense".to_owned(),
    ];

    for backend in Backend::BUILT {
        let component = guest("hash-all", backend);
        let server = Server::start(&component, &[]).await;
        println!("\n$ polyfill-host serve {}", component.display());
        println!("{} is served at {}\n", about(backend), server.url("/"));

        let request = Request::get("/").header("host", server.address.to_string());
        let request = urls
            .iter()
            .fold(request, |request, url| request.header("url", url));
        let request = request.body(body::empty()).expect("a valid request");
        println!("> GET / HTTP/1.1");
        for (name, value) in request.headers() {
            println!("> {name}: {}", value.to_str().expect("text"));
        }

        let answer = exchange(server.address, request).await.expect("an answer");
        println!("\n< HTTP/1.1 {}", answer.status);
        for (name, value) in &answer.headers {
            println!("< {name}: {}", value.to_str().expect("text"));
        }
        println!("\n{}", answer.text());
        let failed = |line: &str| line.starts_with("http") && line.contains(": error: ");
        assert!(!answer.text().lines().any(failed), "a URL was not fetched");
        let (status, _) = server.stop().await;
        assert!(status.success(), "the server ended with {status}");
    }
}

fn about(backend: Backend) -> &'static str {
    match backend {
        Backend::Isyswasfa => "the guest, built for WASI 0.2,",
        Backend::Native => "the same source, built for WASI 0.3,",
        Backend::Lowered => "the guest, lowered to nothing but WASI 0.2,",
        Backend::Translated => "the native guest, translated for WASI 0.2,",
        Backend::TranslatedLowered => "the native guest, translated and lowered,",
    }
}
