//! Large writes and many items: between components (`large` and `large-consumer`), and as bodies (`large-body`). Each costs what is
//! sent, so that all of them are done well before their deadline, and no limit of one layer is in the way of another's.

use http::Request;
use http_body_util::BodyExt;
use isyswasfa_tests::{
    Backend, Connection, Embedder, Server, body, composable, compose, exchange, guest,
    on_every_backend, within,
};

const CHECKS: &str = "t:large/checks@1.0.0";

/// Sends `count` items, in both directions.
async fn send(backend: Backend, kind: &str, count: u32, write: &str, read: &str) {
    let [consumer, peer] =
        ["large-consumer", "large"].map(|name| std::fs::read(composable(name, backend)).unwrap());
    let composed = compose(&consumer, &peer).unwrap();
    for writes in [true, false] {
        let embedder = Embedder::new(backend).unwrap();
        let instance = embedder.instantiate(&composed).await.unwrap();
        let what = format!("{kind}, {write}, {read}, writes: {writes}");
        let params = (
            kind.to_owned(),
            writes,
            count,
            write.to_owned(),
            read.to_owned(),
        );
        let called = instance.call::<_, (String,)>(CHECKS, "check", params);
        let (came,) = within(&what, called).await.unwrap();
        assert_eq!(came, format!("{count} in order"), "{what}");
    }
}

/// What has no pointers, what has, and handles.
const VALUES: &[&str] = &["numbers", "texts", "points", "things"];

const MIB: u32 = 1 << 20;

async fn length(
    response: &mut http::Response<impl http_body::Body<Data = bytes::Bytes> + Unpin>,
) -> u64 {
    let mut length = 0;
    while let Some(frame) = response.body_mut().frame().await {
        let frame = frame.unwrap_or_else(|_| panic!("the body breaks off after {length} bytes"));
        length += frame.data_ref().map_or(0, |data| data.len() as u64);
    }
    length
}

on_every_backend! {
    async fn two_hundred_mebibytes_in_one_write(backend) {
        send(backend, "bytes", 200 * MIB, "all", "pieces").await;
    }

    async fn twenty_mebibytes_in_one_write_and_one_read(backend) {
        send(backend, "bytes", 20 * MIB, "all", "collect").await;
    }

    async fn a_million_values_in_one_write(backend) {
        for kind in ["numbers", "points", "nothings"] {
            send(backend, kind, 1_000_000, "all", "pieces").await;
        }
    }

    /// More than one window of them. wasmtime allows a store 100,000 handles, of either ABI.
    async fn many_resources_in_one_write(backend) {
        send(backend, "things", 40_000, "all", "pieces").await;
    }

    async fn two_hundred_mebibytes_of_texts_in_one_write(backend) {
        send(backend, "texts", 200_000, "all", "pieces").await;
    }

    async fn values_that_are_read_one_by_one(backend) {
        for kind in ["bytes", "numbers", "texts", "points", "things"] {
            send(backend, kind, 20_000, "all", "next").await;
        }
    }

    async fn values_that_are_written_one_by_one(backend) {
        for kind in VALUES {
            send(backend, kind, 20_000, "one", "collect").await;
        }
    }

    async fn a_write_that_goes_on_by_hand(backend) {
        for kind in VALUES {
            send(backend, kind, 20_000, "on", "next").await;
        }
    }

    async fn a_large_write_that_is_cancelled_and_begun_again(backend) {
        for kind in VALUES {
            send(backend, kind, 3_000, "cancelled", "next").await;
        }
        send(backend, "bytes", 4 * MIB, "cancelled", "pieces").await;
    }

    async fn a_body_of_two_hundred_mebibytes_in_one_write(backend) {
        let server = Server::start(&guest("large-body", backend), &[]).await;
        for how in ["write", "compat"] {
            let size = 200 << 20;
            let request = Request::get(format!("/{how}/{size}")).body(body::empty()).unwrap();
            let mut connection = Connection::open(server.address).await;
            let mut response = within(how, connection.send(request)).await.unwrap();
            assert_eq!(within(how, length(&mut response)).await, size, "{how}");
        }
    }

    async fn a_body_of_two_hundred_mebibytes_that_is_collected(backend) {
        let server = Server::start(&guest("large-body", backend), &[]).await;
        let size = 200 << 20;
        let request = Request::post("/collect").body(body::patterned(size)).unwrap();
        let answer = within("the answer", exchange(server.address, request)).await.unwrap();
        assert_eq!(answer.text(), size.to_string());
    }
}
