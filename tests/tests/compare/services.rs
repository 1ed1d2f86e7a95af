//! What comes over the wire, to a handler and from it.

use super::message::{described, exchange};
use super::stock::Stock;
use super::{Way, agree};
use isyswasfa_tests::{Server, within};
use std::net::SocketAddr;
use std::time::Duration;

const GUEST: &str = "scripted-service";

/// Who serves.
enum Serving {
    Ours(Box<Server>),
    Stock(Stock),
}

impl Serving {
    async fn start(way: Way) -> Self {
        let component = way.guest(GUEST);
        match way {
            Way::Stock => Serving::Stock(Stock::serve(&component).await),
            _ => Serving::Ours(Box::new(Server::start(&component, &[]).await)),
        }
    }

    fn address(&self) -> SocketAddr {
        match self {
            Serving::Ours(server) => server.address,
            Serving::Stock(server) => server.address,
        }
    }

    /// What the guest prints that begins so, up to the end of the line.
    async fn printed(&self, beginning: &str) -> String {
        let find = async {
            loop {
                let text = match self {
                    Serving::Ours(server) => server.log(),
                    Serving::Stock(server) => server.printed(),
                };
                let line = text
                    .lines()
                    .find_map(|line| Some(&line[line.find(beginning)?..]));
                if let Some(line) = line {
                    // A log has it between quotes.
                    return line.split('"').next().unwrap_or(line).to_owned();
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        within(beginning, find).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_seen_the_same() {
    let mut cases = Vec::new();
    for method in [
        "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW", "get",
    ] {
        cases.push(format!("{method} /a?b=c HTTP/1.1\r\nHost: a.test:80\r\n"));
    }
    for target in [
        "/",
        "/?",
        "//a",
        "/%zz",
        "/a;b=c",
        "http://b.test/a?b",
        "http://b.test",
        "/a\"b",
        "/{a}",
    ] {
        cases.push(format!("GET {target} HTTP/1.1\r\nHost: a.test\r\n"));
    }
    for host in ["", "a.test", "A.TEST:8080", "[::1]:80", "127.0.0.1"] {
        cases.push(format!("GET / HTTP/1.1\r\nHost: {host}\r\n"));
        cases.push(format!("GET / HTTP/1.0\r\nHost: {host}\r\n"));
    }
    cases.push("GET / HTTP/1.0\r\n".into());
    for headers in [
        "X-A: 1\r\nx-b: 2\r\nX-A: 3",
        "Cookie: a=1\r\nCookie: b=2",
        "X-Empty:\r\nX-Spaces:   a  b  ",
        "Keep-Alive: timeout=5\r\nUpgrade: h2c\r\nTE: trailers\r\nProxy-Connection: close",
        "Accept: */*\r\nUser-Agent: x/1",
    ] {
        cases.push(format!("GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n"));
    }
    let bodies = [
        ("Content-Length: 5\r\n", "hello"),
        ("Content-Length: 0\r\n", ""),
        (
            "Transfer-Encoding: chunked\r\n",
            "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        ),
        ("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        (
            "Transfer-Encoding: chunked\r\nTrailer: x-end\r\n",
            "3\r\nabc\r\n0\r\nx-end: yes\r\n\r\n",
        ),
    ];
    let mut requests: Vec<_> = cases
        .iter()
        .map(|head| format!("{head}Connection: close\r\n\r\n"))
        .collect();
    for (headers, body) in bodies {
        cases.push(format!("{headers}{body}"));
        requests.push(format!(
            "POST / HTTP/1.1\r\nHost: a\r\n{headers}Connection: close\r\n\r\n{body}"
        ));
    }
    let mut ways = Vec::new();
    for way in Way::ALL {
        let server = Serving::start(way).await;
        let mut seen = Vec::new();
        for request in &requests {
            let answer = exchange(server.address(), request.as_bytes()).await;
            let text = described(&answer, request.starts_with("HEAD"), false);
            // Which is the host, if the request names none.
            seen.push(text.replace(&server.address().to_string(), "SERVER"));
        }
        ways.push((way, seen));
    }
    agree("seen", &cases, &ways);
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_come_to_the_same() {
    let mut cases = Vec::new();
    for status in [200, 201, 204, 205, 304, 400, 404, 500, 599, 600, 999, 0, 99] {
        cases.push(format!("GET status={status}"));
        cases.push(format!("GET status={status}&write=3"));
    }
    let writes = [
        "",
        "write=0",
        "write=3",
        "write=6",
        "write=3&write=3",
        "write=1&write=1&write=1",
        "write=200000",
    ];
    for length in [
        "",
        "length=0",
        "length=1",
        "length=3",
        "length=6",
        "length=7",
        "length=200000",
    ] {
        for write in writes {
            cases.push(format!("GET {length}&{write}"));
        }
    }
    for step in [
        "length=5",
        "length=5&write=5",
        "write=5",
        "length=0",
        "status=404&write=3",
    ] {
        cases.push(format!("HEAD {step}"));
    }
    for trailers in ["early", "late", "error"] {
        for step in [
            "write=3",
            "length=3&write=3",
            "length=4&write=3",
            "length=2&write=3",
            "field=trailer:x-end&write=3",
        ] {
            cases.push(format!("GET {step}&trailers={trailers}"));
        }
    }
    for field in [
        "x-a:1&field=X-A:2",
        "set-cookie:a=1&field=set-cookie:b=2",
        "connection:close",
        "host:b",
        "content-type:text/plain",
    ] {
        cases.push(format!("GET field={field}&write=3"));
    }
    let mut ways = Vec::new();
    for way in Way::ALL {
        let server = Serving::start(way).await;
        let mut came_to = Vec::new();
        for (number, case) in cases.iter().enumerate() {
            let (method, steps) = case.split_once(' ').unwrap();
            let steps = format!("id={number}&{steps}");
            let request = format!(
                "{method} /answer?{steps} HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: close\r\n\r\n"
            );
            let answer = exchange(server.address(), request.as_bytes()).await;
            let answer = described(&answer, method == "HEAD", steps.contains("length="));
            let printed = server.printed(&format!("{steps}: ")).await;
            came_to.push(format!("{answer}; {}", printed.split_once(": ").unwrap().1));
        }
        ways.push((way, came_to));
    }
    agree("responses", &cases, &ways);
    let of = |case: &str| {
        let at = cases.iter().position(|other| other == case).unwrap();
        &ways[0].1[at][..]
    };
    let too_long = of("GET length=3&write=6");
    assert!(too_long.starts_with("cut off"), "{too_long}");
    assert!(
        too_long.contains("left [6], sent Err(ErrorCode::HttpResponseBodySize(Some(6)))"),
        "{too_long}"
    );
    let too_short = of("GET length=7&write=6");
    assert!(
        too_short.contains("sent Err(ErrorCode::HttpResponseBodySize(Some(6)))"),
        "{too_short}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_passed_on_the_same() {
    let cases: Vec<_> = ["", "length=5", "length=3", "length=9", "length=0"]
        .map(|steps| format!("POST {steps}"))
        .to_vec();
    let mut ways = Vec::new();
    for way in Way::ALL {
        let server = Serving::start(way).await;
        let mut came_to = Vec::new();
        for (number, case) in cases.iter().enumerate() {
            let (_, steps) = case.split_once(' ').unwrap();
            let steps = format!("id={number}&{steps}");
            let request = format!(
                "POST /pass?{steps} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
            );
            let answer = exchange(server.address(), request.as_bytes()).await;
            let answer = described(&answer, false, steps.contains("length="));
            let printed = server.printed(&format!("{steps}: ")).await;
            came_to.push(format!("{answer}; {}", printed.split_once(": ").unwrap().1));
        }
        ways.push((way, came_to));
    }
    agree("passed on", &cases, &ways);
}
