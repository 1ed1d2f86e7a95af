//! How requests share instances, and whose output is whose.

use http::Request;
use isyswasfa_tests::{Backend, Server, body, exchange, guest, on_every_backend};
use std::time::Duration;

async fn server(backend: Backend, arguments: &[&str]) -> Server {
    Server::start(&guest("chatty", backend), arguments).await
}

/// The answer: how many requests the instance had before.
async fn get(server: &Server, path: &str) -> usize {
    let request = Request::get(path).body(body::empty()).unwrap();
    let answer = exchange(server.address, request).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text().parse().unwrap()
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

        let shared = server(backend, &[]).await;
        // The first makes the instance, in which the others find room while it waits.
        let first = get(&shared, "/x/wait");
        let others = async {
            tokio::time::sleep(Duration::from_millis(60)).await;
            futures::future::join_all((0..3).map(|_| get(&shared, "/x/wait"))).await
        };
        let (first, mut others) = tokio::join!(first, others);
        others.sort_unstable();
        // A host with several cores may make one more instance, which the others then share.
        assert_eq!(first, 0);
        assert!(others[2] >= 1, "{others:?}: each had an instance to itself");
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
        let server = server(backend, &[]).await;
        let (a, b) = tokio::join!(get(&server, "/aaa/wait"), async {
            tokio::time::sleep(Duration::from_millis(60)).await;
            get(&server, "/bbb/wait").await
        });
        assert_eq!((a, b), (0, 1), "they shared an instance");
        for (word, number) in [("aaa", "0"), ("bbb", "1")] {
            for what in ["begins", "ends"] {
                let line = server.logged(&format!("{word} {what}")).await;
                let (prefix, text) = line.split_once(" :: ").unwrap();
                assert_eq!(text, format!("{word} {what}"));
                let requests = prefix.strip_prefix("stdout [").unwrap().strip_suffix(']').unwrap();
                match backend {
                    // The host sees which call of its own a write descends from.
                    Backend::Native => assert_eq!(requests, number, "{line}"),
                    // A guest's tasks are its own affair: the host knows which ones it may be.
                    Backend::Isyswasfa => assert!(requests.split('|').any(|one| one == number), "{line}"),
                }
            }
        }
    }
}
