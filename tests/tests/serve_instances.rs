//! How requests share instances, and whose output is whose.

use http::Request;
use isyswasfa_tests::{Backend, Server, body, exchange, guest, on_every_backend};
use std::time::Duration;

async fn server(backend: Backend, arguments: &[&str]) -> Server {
    Server::start(&guest("chatty", backend), arguments).await
}

/// A server that computes on one thread only: another instance would be of no use, so that requests share what there is.
async fn server_of_one_thread(backend: Backend) -> Server {
    let env = [("TOKIO_WORKER_THREADS", "1")];
    Server::start_with(&guest("chatty", backend), &[], &env).await
}

/// The answer: how many requests the instance had before.
async fn get(server: &Server, path: &str) -> usize {
    let request = Request::get(path).body(body::empty()).unwrap();
    let answer = exchange(server.address, request).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text().parse().unwrap()
}

/// [`get`], once the server has said `text`.
async fn get_after(text: &str, server: &Server, path: &str) -> usize {
    server.logged(text).await;
    get(server, path).await
}

on_every_backend! {
    async fn an_instance_is_used_again(backend) {
        let server = server(backend, &[]).await;
        for number in 0..5 {
            assert_eq!(get(&server, "/x").await, number);
        }
    }

    async fn an_instance_answers_so_many_requests(backend) {
        let server = server(backend, &["--max-instance-reuse-count", "3"]).await;
        let mut numbers = Vec::new();
        for _ in 0..7 {
            numbers.push(get(&server, "/x").await);
        }
        assert_eq!(numbers, [0, 1, 2, 0, 1, 2, 0]);
    }

    async fn an_idle_instance_goes(backend) {
        let server = server(backend, &["--idle-instance-timeout", "100ms"]).await;
        assert_eq!(get(&server, "/x").await, 0);
        assert_eq!(get(&server, "/x").await, 1);
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(get(&server, "/x").await, 0);
    }

    async fn an_instance_works_on_so_many_requests_at_once(backend) {
        let alone = server(backend, &["--max-instance-concurrent-reuse-count", "1"]).await;
        let numbers = futures::future::join_all((0..3).map(|_| get(&alone, "/x/wait"))).await;
        assert_eq!(numbers, [0, 0, 0]);

        let shared = server_of_one_thread(backend).await;
        // The first makes the instance, in which the others find room while it waits.
        let numbers = tokio::join!(
            get(&shared, "/aaa/wait"),
            get_after("aaa begins", &shared, "/bbb/wait"),
            get_after("bbb begins", &shared, "/ccc/wait"),
            get_after("ccc begins", &shared, "/ddd/wait"),
        );
        assert_eq!(numbers, (0, 1, 2, 3));
    }

    async fn each_line_has_the_number_of_its_request(backend) {
        let server = server(backend, &[]).await;
        get(&server, "/nothing/0").await;
        get(&server, "/many/500").await;
        server.logged("many 499").await;
        get(&server, "/mine/complain").await;
        assert_eq!(server.logged("mine").await, "stderr [2] :: mine");
        get(&server, "/unfinished/partly").await;
        assert_eq!(server.logged("unfinished").await, "stdout [3] :: unfinished");
        let (_, log) = server.stop().await;
        let many: Vec<_> = log.lines().filter(|line| line.contains("many")).collect();
        let expected: Vec<_> = (0..500).map(|line| format!("stdout [1] :: many {line}")).collect();
        assert_eq!(many, expected);
    }

    async fn lines_of_requests_that_share_an_instance_do_not_mix(backend) {
        let server = server_of_one_thread(backend).await;
        let (a, b) = tokio::join!(
            get(&server, "/aaa/wait"),
            get_after("aaa begins", &server, "/bbb/wait"),
        );
        assert_eq!((a, b), (0, 1), "they shared an instance");
        for (word, number) in [("aaa", "0"), ("bbb", "1")] {
            for what in ["begins", "ends"] {
                let line = server.logged(&format!("{word} {what}")).await;
                assert_eq!(line, format!("stdout [{number}] :: {word} {what}"));
            }
        }
    }
}
