//! What a command comes to that follows a script: which values are taken, what requests, files and stdin come to.

use super::{Way, agree, stock};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use isyswasfa_tests::command::execute;
use isyswasfa_tests::{Body, Upstream, body};
use std::net::SocketAddr;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

const GUEST: &str = "scripted-command";

/// What each line comes to.
async fn follow(way: Way, folder: &Path, script: &[String], stdin: &[u8]) -> Vec<String> {
    let component = way.guest(GUEST);
    let text = script.join("\n");
    let output = match way {
        Way::Stock => stock::run(&component, folder, &text, stdin).await,
        _ => {
            let folder = format!("{}::work", folder.display());
            let ran = execute(&component, &["--dir", &folder], &[&text], stdin).await;
            assert_eq!(
                (ran.status, ran.stderr.as_str()),
                (0, ""),
                "{way:?}: {}",
                ran.stdout
            );
            ran.stdout
        }
    };
    let came_to = |line: &str| match line.split_once(" => ") {
        Some((_, came_to)) => came_to.to_owned(),
        None => line.to_owned(),
    };
    output.lines().map(came_to).collect()
}

/// Follows the script in all ways, and compares. What it comes to, for what a test says besides.
async fn compare(what: &str, script: Vec<String>, stdin: &[u8]) -> Vec<String> {
    let mut ways = Vec::new();
    for way in Way::ALL {
        let folder = tempfile::tempdir().unwrap();
        ways.push((way, follow(way, folder.path(), &script, stdin).await));
    }
    agree(what, &script, &ways);
    ways.swap_remove(0).1
}

/// Bytes as a word of a script.
fn word(bytes: impl AsRef<[u8]>) -> String {
    let mut word = String::new();
    for byte in bytes.as_ref() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'/' => {
                word.push(char::from(*byte))
            }
            byte => word.push_str(&format!("%{byte:02X}")),
        }
    }
    word
}

/// Every ASCII character, alone and between others.
fn characters() -> impl Iterator<Item = String> {
    (0..128u8).flat_map(|byte| {
        let byte = char::from(byte);
        [byte.to_string(), format!("a{byte}b")]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_values_are_taken() {
    let methods = [
        "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "get",
        "QUERY", "PROPFIND", "", "A B", "Ä", "A\r\nB",
    ];
    let schemes = [
        "http", "https", "HTTP", "Https", "ws", "a+b-c.d", "1x", "", "a:b", "http:", "ä",
    ];
    let long = ["x".repeat(64), "x".repeat(65)];
    let paths = [
        "",
        "/",
        "*",
        "a",
        "?a",
        "?",
        "/?",
        "//",
        "/a?b?c",
        "/a#b",
        "#a",
        "/?#",
        "/a?b#c?d",
        "/%zz",
        "/ä",
        "/?ä",
        "/a b",
        "/?a b",
        "http://a/",
        "/\u{ffff}",
    ];
    let long_paths = [
        format!("/{}", "a".repeat(65533)),
        format!("/{}", "a".repeat(65534)),
    ];
    let authorities = [
        "a",
        "a:80",
        "a:",
        "a:0",
        "a:99999",
        "a:65535",
        "a:65536",
        "a:-1",
        "a:+80",
        "a:b",
        "a:80:81",
        "[::1]",
        "[::1]:80",
        "[::1]:",
        "[::1]:99999",
        "[::1",
        "::1]",
        "::1",
        "[]",
        "[a]b",
        "[[a]]",
        "u@a",
        "u:p@a",
        "u:p@a:80",
        "u%20@a",
        "a%20",
        "@",
        "a@",
        "@a",
        "u@v@a",
        "[fe80::1%25en0]",
        "a/b",
        "a?b",
        "a#b",
        "",
        "ä",
        "a b",
        "127.0.0.1:8080",
        "1:2:3:4:5:6:7:8@a",
        "1:2:3:4:5:6:7:8:9:10@a",
    ];
    let of = |what: &str, value: &str| format!("{what} {}", word(value));
    let mut script: Vec<_> = methods.iter().map(|value| of("method", value)).collect();
    script.extend(schemes.iter().map(|value| of("scheme", value)));
    script.extend(long.iter().map(|value| of("scheme", value)));
    script.extend(paths.iter().map(|value| of("path", value)));
    script.extend(authorities.iter().map(|value| of("authority", value)));
    for text in characters() {
        script.push(of("method", &text));
        script.push(of("scheme", &text));
        script.push(of("path", &format!("/{text}")));
        script.push(of("path", &format!("/?{text}")));
        script.push(of("authority", &text));
    }
    script.extend(["scheme", "path", "authority"].map(str::to_owned));
    for status in [
        0, 1, 99, 100, 101, 199, 200, 204, 299, 304, 399, 404, 599, 600, 999, 1000, 65535,
    ] {
        script.push(format!("status {status}"));
    }
    for timeout in ["0", "1", "1000000000", "18446744073709551615", ""] {
        script.push(format!("timeout {timeout}"));
    }
    let came_to = compare("values", script.clone(), b"").await;
    let of = |case: &str| &came_to[script.iter().position(|line| line == case).unwrap()][..];
    assert_eq!(of("method GET"), "Ok(()) Method::Get");
    assert_eq!(of("scheme http"), "Ok(()) Some(Scheme::Http)");
    assert_eq!(of("path"), "Ok(()) None");
    assert_eq!(of("path "), "Ok(()) Some(\"/\")");
    assert_eq!(of("authority a%3A99999"), "Err(()) None");
    assert_eq!(of("status 600"), "Err(()) 200");
    for path in long_paths {
        compare("values", vec![format!("path {path}")], b"").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_fields_are_taken() {
    let mut script = Vec::new();
    for name in characters().chain([
        "".into(),
        "ä".into(),
        "Content-Type".into(),
        "a".repeat(64),
        "a".repeat(65),
    ]) {
        let name = word(name);
        script.push(format!(
            "fields has:{name} get:{name} append:{name}:v set:{name}:v:w take:{name} delete:{name} all"
        ));
    }
    for name in [
        "connection",
        "Keep-Alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
        "Host",
        "http2-settings",
        "expect",
        "content-length",
        "date",
        "cookie",
    ] {
        script.push(format!(
            "fields append:{name}:1 set:{name}:1 delete:{name} take:{name} all"
        ));
        script.push(format!("list {name}:1"));
        script.push(format!("fields freeze append:{name}:1 set:{name}:1 set:{name} delete:{name} take:{name} get:{name} has:{name} all"));
    }
    for value in (0..=255u8).map(|byte| vec![byte]).chain([
        b"".to_vec(),
        b" a ".to_vec(),
        "ä".as_bytes().to_vec(),
        b"a\r\n b".to_vec(),
    ]) {
        let value = word(value);
        script.push(format!("fields append:x:{value} set:y:{value}:{value} all"));
        script.push(format!("list x:{value}"));
    }
    for length in [
        "5",
        "007",
        "+5",
        "-5",
        "",
        " 5",
        "5 ",
        "5, 5",
        "0x5",
        "18446744073709551615",
        "18446744073709551616",
        "00018446744073709551615",
    ] {
        let length = word(length);
        script.push(format!(
            "fields append:content-length:{length} set:Content-Length:{length} all"
        ));
        script.push(format!("list content-length:{length}"));
    }
    script.extend(
        [
            "fields append:content-length:1 append:Content-Length:1 all",
            "fields set:content-length:1:1 all set:content-length:2 set:content-length:3 all",
            "list content-length:1 content-length:1",
            "list a:1 B:2 A:3 b:4",
            "list a:1 a%20b:2",
            "fields append:B:1 append:a:2 append:b:3 set:a:9 all take:B get:b delete:none all",
            "fields append:a:1 clone append:a:2 all freeze clone append:a:3 all",
            "fields freeze append:a%20b:1 set:a%20b:1 delete:a%20b take:a%20b append:a:%00 set:a:%00 set:a",
            // As large as they may be, to the byte: 131072 = 32 + 1 + 40 + 130999.
            "fields fill:a:130999:2 all",
            "fields fill:a:131000:2 all",
            "fields set-long:a:130999 set-long:a:131000 set-long:a:130999 append:a: append:b: all",
            "fields set-long:a:200000 append:b:1 all",
            "fields fill:a:1000:5000 get:b",
            "fields fill:k%23:1000:5000 get:k0",
            "fields fill:a::5000 has:a",
            "fields fill:k%23::5000 has:k1",
            "fields fill:a:1000:100 delete:a fill:b:1000:5000 take:b fill:c:1000:5000",
            "fields fill:a:1000:100 clone fill:a:1000:100 freeze clone append:b:2 fill:c:1:5000",
            "fields set-long:a:100000 set-long:a:100000 set-long:a:100000 set-long:b:31000 set-long:b:30887 set-long:b:30888 set-long:b:30889",
        ]
        .map(str::to_owned),
    );
    let came_to = compare("fields", script.clone(), b"").await;
    let of = |case: &str| &came_to[script.iter().position(|line| line == case).unwrap()][..];
    assert!(
        of("fields set-long:a:200000 append:b:1 all")
            .starts_with("Err(HeaderError::SizeExceeded); Ok(())")
    );
    assert!(of("fields fill:a:130999:2 all").starts_with("1 Err(HeaderError::SizeExceeded)"));
    assert!(of("fields fill:a:131000:2 all").starts_with("0 Err(HeaderError::SizeExceeded)"));
}

/// Says what it was sent.
async fn echo(request: Request<Incoming>) -> Response<Body> {
    let (head, contents) = request.into_parts();
    let mut headers: Vec<_> = head
        .headers
        .iter()
        .filter(|(name, _)| {
            !["host", "transfer-encoding", "content-length"].contains(&name.as_str())
        })
        .map(|(name, value)| format!("{name}={}", value.as_bytes().escape_ascii()))
        .collect();
    headers.sort();
    let contents = contents.collect().await;
    let mut response = Response::new(());
    let text = match contents {
        Ok(contents) => {
            let trailers = contents.trailers().cloned();
            let length = contents.to_bytes().len();
            format!(
                "{} {} {headers:?} {length} bytes {trailers:?}",
                head.method, head.uri
            )
        }
        Err(_) => {
            *response.status_mut() = StatusCode::BAD_REQUEST;
            "cut off".to_owned()
        }
    };
    response.map(|()| body::full(text))
}

/// What a server answers that breaks the rules, by path.
const RUDE: [(&str, &str); 8] = [
    ("/nothing", ""),
    ("/half-a-head", "HTTP/1.1 200 OK\r\nx-a"),
    ("/garbage", "garbage\r\n\r\n"),
    ("/short", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"),
    (
        "/short-chunked",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ),
    (
        "/bad-chunk",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nxyz\r\n",
    ),
    (
        "/to-the-end",
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nabc",
    ),
    (
        "/status",
        "HTTP/1.1 999 Odd\r\ncontent-length: 3\r\n\r\nabc",
    ),
];

/// A server that answers so, and then closes the connection.
async fn rude() -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match stream.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
            let head = String::from_utf8_lossy(&head).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default();
            let answer = RUDE.iter().find(|(of, _)| *of == path);
            let _ = stream
                .write_all(answer.map_or("", |(_, text)| text).as_bytes())
                .await;
        }
    });
    (address, serving)
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_that_break_come_to_the_same() {
    let script: Vec<_> = RUDE
        .iter()
        .map(|(path, _)| format!("send to=UPSTREAM scheme=http path={path}"))
        .collect();
    let mut ways = Vec::new();
    for way in Way::ALL {
        let (address, serving) = rude().await;
        let addressed: Vec<_> = script
            .iter()
            .map(|line| line.replace("UPSTREAM", &address.to_string()))
            .collect();
        let folder = tempfile::tempdir().unwrap();
        ways.push((way, follow(way, folder.path(), &addressed, b"").await));
        serving.abort();
    }
    agree("broken", &script, &ways);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_come_to_the_same() {
    let mut script = Vec::new();
    for method in [
        "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "BREW", "get",
    ] {
        script.push(format!(
            "send to=UPSTREAM scheme=http path=/ method={method}"
        ));
        script.push(format!(
            "send to=UPSTREAM scheme=http path=/ method={method} write=3"
        ));
    }
    for path in ["", "?a", "/a?b=c", "/a%23b", "//a", "/%25zz", "/a%22b"] {
        script.push(format!("send to=UPSTREAM scheme=http path={path}"));
    }
    // None, which is an empty path.
    script.push("send to=UPSTREAM scheme=http".into());
    script.push("send to=UPSTREAM scheme=http method=POST write=3".into());
    script.extend(
        [
            "send",
            "send scheme=http",
            "send scheme=http path=/",
            "send to=UPSTREAM scheme=ftp path=/",
            "send to=UPSTREAM scheme=HTTP path=/",
            "send to=127.0.0.1:1 scheme=http path=/",
            "send to=127.0.0.1:1 scheme=http path=/ write=3",
            "send to=127.0.0.1:1 scheme=http path=/ write=3 field=content-length:5",
            "send to=nowhere.invalid scheme=http path=/ write=3",
            "send to=a:99999 scheme=http path=/",
            "send to=UPSTREAM scheme=http path=/ field=x-a:1 field=X-A:2 field=x-b:%E4",
            "unsent to=UPSTREAM scheme=http path=/",
            "unsent to=UPSTREAM scheme=http path=/ write=3",
            "unsent to=UPSTREAM scheme=http path=/ write=3 trailers=early",
        ]
        .map(str::to_owned),
    );
    for (length, writes) in lengths() {
        script.push(format!(
            "send to=UPSTREAM scheme=http path=/ method=POST {length} {writes}"
        ));
    }
    for trailers in ["early", "late", "early-error", "error"] {
        for field in [
            "",
            "field=content-length:3 ",
            "field=content-length:4 ",
            "field=trailer:x-end ",
        ] {
            script.push(format!(
                "send to=UPSTREAM scheme=http path=/ method=POST {field}write=3 trailers={trailers}"
            ));
        }
    }
    let mut ways = Vec::new();
    for way in Way::ALL {
        let upstream = Upstream::start(echo).await;
        let address = upstream.address.to_string();
        let folder = tempfile::tempdir().unwrap();
        let addressed: Vec<_> = script
            .iter()
            .map(|line| line.trim_end().replace("UPSTREAM", &address))
            .collect();
        let came_to = follow(way, folder.path(), &addressed, b"").await;
        ways.push((way, came_to));
    }
    agree("requests", &script, &ways);
    let of = |case: &str| {
        let line = script.iter().position(|line| line == case).unwrap();
        &ways[0].1[line][..]
    };
    // hyper sends the trailers that the header announces.
    for trailers in ["early", "late"] {
        let case = format!(
            "send to=UPSTREAM scheme=http path=/ method=POST field=trailer:x-end write=3 trailers={trailers}"
        );
        let sent = r#"3 bytes Some({"x-end": "yes"})"#;
        assert!(of(&case).contains(sent), "{}", of(&case));
    }
    let none = "send to=UPSTREAM scheme=http";
    assert!(of(none).starts_with("200; GET / "), "{}", of(none));
    let too_long = "send to=UPSTREAM scheme=http path=/ method=POST field=content-length:3 write=6";
    assert!(
        of(too_long).contains("HttpRequestBodySize(Some(6))"),
        "{}",
        of(too_long)
    );
    assert!(of(too_long).contains("left [6]"), "{}", of(too_long));
}

/// Lengths that are promised, and what is written.
fn lengths() -> impl Iterator<Item = (String, String)> {
    let lengths = [None, Some(0), Some(1), Some(3), Some(6), Some(7)];
    let writes: [&[usize]; 6] = [&[], &[0], &[3], &[6], &[3, 3], &[1, 1, 1]];
    lengths.into_iter().flat_map(move |length| {
        writes.into_iter().map(move |writes| {
            let length = length.map(|length| format!("field=content-length:{length}"));
            let writes: Vec<_> = writes
                .iter()
                .map(|count| format!("write={count}"))
                .collect();
            (length.unwrap_or_default(), writes.join(" "))
        })
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn files_come_to_the_same() {
    let script = [
        "file a rwc write:0:hello stat read:0 read:2 read:9 flags type",
        "file a r write:0:hello append:0:x nothing:0 size:0 read:0 glance:0 flags sync",
        "file a w read:0 glance:0 append:0:! write:1:ELLO stat flags",
        "file a rw append:0:one append:0:two read:0 size:4 read:0 write:9:z read:0",
        "file a rw write:18446744073709551615:x write:9223372036854775807:x append:0:y stat",
        "file a rw read:18446744073709551615 read:9223372036854775807",
        "file a rt",
        "file a rwt read:0 stat",
        "file a  read:0 write:0:x append:0:y",
        "file . rd write:0:x append:0:y size:0 read:0 list nothing:0 flags type stat",
        "file none r",
        "file none rd",
        "file a rd",
        "file new wc write:0:abc read:0",
        "file new r read:0 write:0:x read:0",
    ];
    compare("files", script.map(str::to_owned).to_vec(), b"").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_stdin_is_lost() {
    for line in [
        "stdin 2 all",
        "stdin 0 2 3 all all",
        "stdin all all",
        "stdin 1 1 1 1 1 1 1 1 1 1",
        "stdin-both 2",
    ] {
        let came_to = compare("stdin", vec![line.to_owned()], b"abcdefgh\n").await;
        if line == "stdin 2 all" {
            assert_eq!(came_to, [r"ab Ok(()); cdefgh\n Ok(()); "]);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn as_many_random_bytes_come() {
    let script = [0, 1, 65536, 65537, 200_000, 67_108_865].map(|count| format!("random {count}"));
    let insecure = [0, 1, 65537].map(|count| format!("insecure {count}"));
    compare("random", script.into_iter().chain(insecure).collect(), b"").await;
}
