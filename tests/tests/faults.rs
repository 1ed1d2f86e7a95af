//! The case `faults`: what a guest does wrong, and what becomes of the client, of the log and of
//! the other requests.

use http::{Request, StatusCode};
use http_body_util::BodyExt;
use isyswasfa_tests::{
    Answer, Backend, Connection, Server, body, exchange, guest, on_every_backend, within,
};
use std::time::Duration;

async fn server(backend: Backend, arguments: &[&str]) -> Server {
    Server::start(&guest("faults", backend), arguments).await
}

async fn get(server: &Server, path: &str) -> hyper::Result<Answer> {
    exchange(
        server.address,
        Request::get(path).body(body::empty()).unwrap(),
    )
    .await
}

async fn is_fine(server: &Server) {
    let answer = get(server, "/fine").await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "fine"));
}

/// Asks for `path`, reads the first piece of the body, expects then the connection to break.
async fn breaks_off(server: &Server, path: &str, first: &str) {
    let mut connection = Connection::open(server.address).await;
    let mut response = connection
        .send(Request::get(path).body(body::empty()).unwrap())
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let frame = within("the first piece", response.frame())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(frame.into_data().unwrap(), first);
    let end = within("the end", response.frame()).await;
    assert!(matches!(end, Some(Err(_))), "{end:?}");
}

on_every_backend! {
    async fn an_error_is_500(backend) {
        let server = server(backend, &[]).await;
        assert_eq!(get(&server, "/error").await.unwrap().status, 500);
        is_fine(&server).await;
    }

    async fn a_panic_is_500_and_its_message_is_logged(backend) {
        let server = server(backend, &[]).await;
        assert_eq!(get(&server, "/panic").await.unwrap().status, 500);
        server.logged("asked to panic").await;
        is_fine(&server).await;
    }

    async fn a_panic_ends_what_shares_the_instance(backend) {
        // On one thread another instance would be of no use, so that requests share what there is.
        let env = [("TOKIO_WORKER_THREADS", "1")];
        let server = Server::start_with(&guest("faults", backend), &[], &env).await;
        is_fine(&server).await;
        let (panic, slow) = tokio::join!(get(&server, "/panic-later"), async {
            // It comes second, and is far from its answer when the other one panics.
            tokio::time::sleep(Duration::from_millis(100)).await;
            get(&server, "/slow").await
        });
        assert_eq!(panic.unwrap().status, 500);
        assert_eq!(slow.unwrap().status, 500);
        server.logged("requests 1, 2, which shared an instance: the guest trapped").await;
        is_fine(&server).await;
    }

    async fn a_panic_in_the_body_breaks_the_connection(backend) {
        let server = server(backend, &[]).await;
        breaks_off(&server, "/panic-in-body", "so far, so good\n").await;
        server.logged("asked to panic in the body").await;
        is_fine(&server).await;
    }

    async fn a_body_that_fails_breaks_the_connection(backend) {
        let server = server(backend, &[]).await;
        breaks_off(&server, "/no-trailers", "cut off\n").await;
        is_fine(&server).await;
    }

    async fn a_guest_that_never_answers_is_504(backend) {
        let server = server(backend, &["--request-timeout", "300ms"]).await;
        assert_eq!(get(&server, "/never").await.unwrap().status, 504);
        is_fine(&server).await;
    }

    async fn a_guest_that_spins_is_504_and_hinders_nobody(backend) {
        let server = server(backend, &["--request-timeout", "1s"]).await;
        let spinning = tokio::spawn({
            let request = Request::get("/spin").body(body::empty()).unwrap();
            exchange(server.address, request)
        });
        for _ in 0..5 {
            let answer = get(&server, "/fine").await.unwrap();
            assert!(matches!(answer.status.as_u16(), 200 | 504), "{answer:?}");
        }
        assert_eq!(within("the end of spinning", spinning).await.unwrap().unwrap().status, 504);
        is_fine(&server).await;
    }

    async fn a_client_that_goes_away_ends_an_endless_body(backend) {
        let server = server(backend, &[]).await;
        let before = server.sockets();
        let mut connection = Connection::open(server.address).await;
        let mut response = connection.send(Request::get("/endless").body(body::empty()).unwrap()).await.unwrap();
        within("the first piece", response.frame()).await.unwrap().unwrap();
        drop((response, connection));
        server.logged("nobody reads any more").await;
        within("the socket's end", async {
            while server.sockets() > before {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        })
        .await;
        is_fine(&server).await;
    }

    async fn requests_in_flight_finish_at_shutdown(backend) {
        let server = server(backend, &[]).await;
        let mut connection = Connection::open(server.address).await;
        let slow = connection.send(Request::get("/slow").body(body::empty()).unwrap());
        let slow = async {
            let answer = Answer::read(slow.await.unwrap()).await.unwrap();
            assert_eq!(answer.text(), "slow");
        };
        let stop = async {
            // The request has arrived by now, or is refused, and then the test fails.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            let (status, log) = server.stop().await;
            assert!(status.success(), "{status}: {log}");
        };
        tokio::join!(slow, stop);
    }
}
