//! The guests `kinds` and `kinds-consumer`, composed: functions, resources, and pipes of every kind of payload between two
//! components, of which the one that has the resource implements the pipes.

use isyswasfa_tests::{Backend, Embedded, Embedder, composable, compose, on_every_backend, within};
use wasmtime::component::{ComponentType, Lift};

const API: &str = "t:t/api@1.0.0";
const CHECKS: &str = "t:t/checks@1.0.0";

#[derive(ComponentType, Lift)]
#[component(record)]
struct Rec {
    a: u32,
    b: String,
}

async fn instantiate(backend: Backend) -> Embedded {
    let [consumer, kinds] =
        ["kinds-consumer", "kinds"].map(|name| std::fs::read(composable(name, backend)).unwrap());
    // What `kinds` itself imports is the host's.
    let embedder = Embedder::new(backend)
        .and_then(|it| it.import(Some(API), "five", five))
        .and_then(|it| it.import(Some(API), "nothing", async |()| Ok(())))
        .and_then(|it| it.import(None, "top", async |(x,): (u32,)| Ok((vec![x as u8],))));
    let composed = compose(&consumer, &kinds).unwrap();
    embedder.unwrap().instantiate(&composed).await.unwrap()
}

type Five = (u32, String, u64, f32, Option<Rec>);

async fn five((a, b, c, d, e): Five) -> wasmtime::Result<(u64,)> {
    tokio::task::yield_now().await;
    let of_e = e.map_or(0, |e| u64::from(e.a) + e.b.len() as u64);
    Ok((u64::from(a) + b.len() as u64 + c + (d * 10.0) as u64 + of_e,))
}

/// Twice: nothing of the first time is in the way.
async fn check(backend: Backend, name: &str, expected: &str) {
    let guest = instantiate(backend).await;
    for _ in 0..2 {
        let called = guest.call::<_, (String,)>(CHECKS, "check", (name.to_owned(),));
        assert_eq!(within(name, called).await.unwrap().0, expected);
    }
}

on_every_backend! {
    async fn functions(backend) {
        let expected = "60, 49, [] left, Big { a: 1, b: 2, c: 3, d: 4, e: 5, f: \"six\", g: 7, h: 8, i: 9, j: 10, k: 11, \
            l: 12, m: 13, n: 14, o: 15, p: 16, q: 17, r: 18446744073709551615 }";
        check(backend, "functions", expected).await;
    }

    async fn resources(backend) {
        let expected = "(\"7 and 1\", \"7 and 2\"), Ok(10), 7 stays, 1 alive";
        check(backend, "resources", expected).await;
    }

    async fn streams_of_records_of_nothing_and_of_streams(backend) {
        let expected = "went true, left 0 and 0; read onethree\\x03, end true";
        check(backend, "recs", expected).await;
    }

    async fn a_resource_is_passed_on(backend) {
        check(backend, "passed-on", "Ok(7), left false").await;
    }

    async fn a_futures_default(backend) {
        check(backend, "never-written", "Err(\"nothing came\")").await;
    }

    async fn resources_that_nobody_took_come_back(backend) {
        check(backend, "come-back", "Ok(1), left [2, 3, 4]").await;
    }

    async fn resources_in_many_reads(backend) {
        check(backend, "many-reads", "[1, 2, 3, 4, 5]").await;
    }

    async fn resources_on_the_way_are_dropped(backend) {
        check(backend, "dropped", "Some(1), alive 0").await;
    }
}

/// Natively, this is refused: "cannot read from and write to intra-component future/stream with non-numeric payload".
#[tokio::test(flavor = "multi_thread")]
async fn both_ends_in_one_component() {
    check(Backend::Isyswasfa, "both-ends-here", "[1, 2, 3], left 0").await;
}
