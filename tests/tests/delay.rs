//! Composable concurrency: in a chain of components that wait, each for a while, requests do not wait for one another.

use futures::future::join_all;
use http::Request;
use isyswasfa_tests::{
    Server, body, composable, compose_files, exchange, lower_if, on_every_backend,
};
use std::time::{Duration, Instant};

const COMPONENTS: u32 = 8;
const REQUESTS: usize = 50;
/// How long each component waits.
const DELAY: Duration = Duration::from_millis(100);

on_every_backend! {
    async fn fifty_requests_wait_in_eight_components_at_once(backend) {
        let (delay, service) = (composable("delay", backend), composable("service", backend));
        let mut plugs = vec![("", delay.as_path()); COMPONENTS as usize - 1];
        plugs.push(("", &service));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chain.wasm");
        std::fs::write(&file, compose_files(&delay, &plugs).unwrap()).unwrap();
        lower_if(backend, &file);
        // One instance has to do: it is not more of them that make it fast.
        let server = Server::start(&file, &["--max-instance-concurrent-reuse-count", "50"]).await;
        let request = |number: usize| async move {
            let text = format!("request {number}");
            let request = Request::post("/").body(body::full(text.clone())).unwrap();
            assert_eq!(exchange(server.address, request).await.unwrap().text(), text);
        };
        request(0).await;

        let start = Instant::now();
        join_all((0..REQUESTS).map(request)).await;
        let took = start.elapsed();
        let least = DELAY * COMPONENTS;
        // One after the other, they would take 50 times as long.
        assert!(took >= least && took < 3 * least, "{took:?}");
    }
}
