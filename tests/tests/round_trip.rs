//! The case `round-trip`: a host program that calls a guest's async function, many times at once, and implements one
//! that the guest calls, with async Rust.

use anyhow::Result;
use futures::future::join_all;
use isyswasfa_tests::{Embedded, Embedder, Variant, in_languages, within};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Barrier;
use wasmtime::bail;

const LINE: &str = "cases:round-trip/line@0.1.0";

/// The guest, with `pass` as its host implements it.
async fn instantiate<F, Fut>(variant: Variant, pass: F) -> Embedded
where
    F: Fn(String) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = wasmtime::Result<String>> + Send + 'static,
{
    let component = std::fs::read(variant.composable("round-trip")).unwrap();
    let embedder = Embedder::new(variant.backend).unwrap();
    let embedder = embedder.import(Some(LINE), "pass", move |(text,): (String,)| {
        let passed = pass(text);
        async move { Ok((passed.await?,)) }
    });
    embedder.unwrap().instantiate(&component).await.unwrap()
}

async fn pass(guest: &Embedded, text: &str) -> Result<String> {
    let called = guest.call::<_, (String,)>(LINE, "pass", (text.to_owned(),));
    Ok(within("the call", called).await?.0)
}

in_languages! {
    [python: Python, c: C]

    async fn the_host_answers_the_guest(variant) {
        let guest = instantiate(variant, async |text| Ok(format!("{text} > host < host"))).await;
        assert_eq!(pass(&guest, "hello").await.unwrap(), "hello > guest > host < host < guest");
        // Twice: nothing of the first call is in the way.
        assert_eq!(pass(&guest, "").await.unwrap(), " > guest > host < host < guest");
    }

    async fn calls_are_in_the_host_at_the_same_time(variant) {
        const CALLS: usize = 10;
        let all_there = Arc::new(Barrier::new(CALLS));
        let guest = instantiate(variant, move |text| {
            let all_there = all_there.clone();
            async move {
                // Nobody answers before everybody has asked.
                all_there.wait().await;
                Ok(text)
            }
        })
        .await;
        let texts: Vec<_> = (0..CALLS).map(|n| n.to_string()).collect();
        let passed = join_all(texts.iter().map(|text| pass(&guest, text))).await;
        for (text, passed) in texts.iter().zip(passed) {
            assert_eq!(passed.unwrap(), format!("{text} > guest < guest"));
        }
    }

    async fn waits_overlap(variant) {
        const CALLS: u32 = 50;
        const WAIT: Duration = Duration::from_millis(10);
        let guest = instantiate(variant, async |text| {
            tokio::time::sleep(WAIT).await;
            Ok(text)
        })
        .await;
        let begin = Instant::now();
        for passed in join_all((0..CALLS).map(|_| pass(&guest, ""))).await {
            assert_eq!(passed.unwrap(), " > guest < guest");
        }
        // Each waits that long in the guest as well.
        let one_after_the_other = 2 * CALLS * WAIT;
        assert!(begin.elapsed() < one_after_the_other / 2, "{:?}", begin.elapsed());
    }

    async fn an_error_of_the_host_ends_the_instance_and_is_reported(variant) {
        let guest = instantiate(variant, async |text| {
            if text.starts_with("bad") {
                bail!("the line is cut");
            }
            std::future::pending().await
        })
        .await;
        let (bad, waiting) = tokio::join!(pass(&guest, "bad"), pass(&guest, "good"));
        for error in [bad, waiting, pass(&guest, "later").await].map(Result::unwrap_err) {
            assert!(format!("{error:#}").contains("the line is cut"), "{error:#}");
        }
    }
}
