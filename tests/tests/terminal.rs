//! What guests write reaches no terminal and no log line as a command; and what is wrong at the start is said at the start.

use isyswasfa_tests::body::empty;
use isyswasfa_tests::command::execute;
use isyswasfa_tests::{Backend, Server, exchange, guest, program};
use std::path::Path;
use std::process::{Command, Output};

/// What the probe `command-terminal` writes, as it is shown.
const SHOWN: &str = r"\u{1b}[2Jcleared\u{1b}]0;title\u{7}\r\xff";
/// As it is.
const RAW: &[u8] = b"\x1b[2Jcleared\x1b]0;title\x07\r\xff\n";

/// Bytes of address space: too little for a pool, or to reserve it for several memories.
const SMALL: u64 = 6 << 30;

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

isyswasfa_tests::on_every_backend! {
    async fn log_lines_carry_no_control_characters(backend) {
        for options in [&[][..], &["--no-logging-prefix"]] {
            let server = Server::start(&guest("probe-serve", backend), options).await;
            let request = http::Request::get("/command-terminal").body(empty()).unwrap();
            exchange(server.address, request).await.unwrap();
            server.logged("plain").await;
            let line = server.logged("cleared").await;
            assert!(line.ends_with(SHOWN), "{line}");
            assert!(!server.log().contains('\x1b'), "{}", server.log());
        }
    }

    async fn a_terminal_is_not_commanded_unless_that_is_wanted(backend) {
        let component = guest("probe-run", backend);
        let shown = on_terminal(&component, &[], "command-terminal");
        assert!(contains(&shown, SHOWN.as_bytes()), "{}", shown.escape_ascii());
        assert!(!contains(&shown, b"\x1b"), "{}", shown.escape_ascii());
        // So the guest is not told of it.
        assert!(contains(&on_terminal(&component, &[], "terminal"), b"false"));

        let wanted = ["-S", "inherit-stdout,inherit-stderr"];
        let raw = on_terminal(&component, &wanted, "command-terminal");
        assert!(contains(&raw, b"\x1b[2Jcleared\x1b]0;title\x07"), "{}", raw.escape_ascii());
        assert!(contains(&on_terminal(&component, &wanted, "terminal"), b"true"));
    }

    async fn a_pipe_gets_what_is_written(backend) {
        let output = Command::new(program("polyfill-host"))
            .arg("run")
            .arg(guest("probe-run", backend))
            .arg("command-terminal")
            .output()
            .unwrap();
        assert!(contains(&output.stdout, RAW), "{output:?}");
        assert!(contains(&output.stderr, RAW), "{output:?}");
    }

    async fn a_small_address_space_is_said_at_the_start_and_is_enough(backend) {
        let run = within_address_space(SMALL, &["run".as_ref(), &guest("probe-run", backend), "environment".as_ref()]);
        let stderr = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{stderr}");
        assert!(stderr.contains("too little address space"), "{stderr}");
        assert!(stderr.contains("`ulimit -v unlimited`"), "{stderr}");
    }
}

/// Runs a probe in a terminal of its own: what is shown there.
fn on_terminal(component: &Path, options: &[&str], what: &str) -> Vec<u8> {
    let words = [program("polyfill-host").display().to_string(), "run".into()]
        .into_iter()
        .chain(options.iter().map(|option| option.to_string()))
        .chain([component.display().to_string(), what.into()]);
    let words: Vec<_> = words.map(|word| format!("'{word}'")).collect();
    let output = Command::new("script")
        .args([
            "--quiet",
            "--return",
            "--command",
            &words.join(" "),
            "/dev/null",
        ])
        .stdin(std::process::Stdio::null())
        .output()
        .expect("`script`, of the package `bsdutils`");
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

/// Runs the program with so many bytes of address space.
fn within_address_space(bytes: u64, arguments: &[&Path]) -> Output {
    let limit = format!("ulimit -v {} && exec \"$@\"", bytes >> 10);
    Command::new("sh")
        .args(["-c", &limit, "sh"])
        .arg(program("polyfill-host"))
        .args(arguments)
        .output()
        .unwrap()
}

#[tokio::test]
async fn a_server_in_a_small_address_space_says_so_and_answers() {
    let component = guest("probe-serve", Backend::Isyswasfa);
    let server = Server::start_within(&component, SMALL).await;
    server
        .logged("the system refuses the address space for a pool")
        .await;
    server.logged("too little address space").await;
    for _ in 0..3 {
        let request = http::Request::get("/environment").body(empty()).unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!(answer.status, 200);
    }
}

#[tokio::test]
async fn a_trace_for_which_there_is_no_room_is_said_at_once() {
    for (command, name) in [("run", "probe-run"), ("serve", "probe-serve")] {
        let component = guest(name, Backend::Isyswasfa);
        let output = Command::new(program("polyfill-host"))
            .args([command, "--trace", "/dev/full"])
            .arg(component)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.contains("failed to write the trace `/dev/full`"),
            "{stderr}"
        );
    }
}

#[tokio::test]
async fn reports_carry_no_control_characters() {
    let component = guest("probe-run", Backend::Isyswasfa);
    let ran = execute(&component, &["--dir", "/no/such\x1b[2J"], &[], b"").await;
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains(r"/no/such\u{1b}[2J"), "{}", ran.stderr);
    assert!(!ran.stderr.contains('\x1b'), "{}", ran.stderr);
}

#[tokio::test]
async fn an_address_space_that_may_be_too_small_is_told() {
    let component = guest("probe-run", Backend::Isyswasfa);
    let run = within_address_space(
        768 << 20,
        &["run".as_ref(), &component, "environment".as_ref()],
    );
    let stderr = String::from_utf8_lossy(&run.stderr);
    assert!(stderr.contains("limited to 768 MiB"), "{stderr}");
}

isyswasfa_tests::on_every_backend! {
    async fn a_long_error_code_is_cut(backend) {
        let server = Server::start(&guest("probe-serve", backend), &[]).await;
        let request = http::Request::get("/fail/1000000").body(empty()).unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!(answer.status, 500);
        let line = server.logged("the guest's handler answered").await;
        assert!(line.len() < 2000, "{} bytes", line.len());
        assert!(line.contains(r"\u{1b}"), "{line}");
    }
}
