//! `polyfill-host run`: exit status, streams, limits, single functions, and the cases that are commands.

use isyswasfa_tests::command::{execute, execute_within, start};
use isyswasfa_tests::{Backend, COMPILING, guest, in_languages, on_every_backend, within};
use std::fs;
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

in_languages! {
    [python: Python, javascript: JavaScript]

    async fn a_command_says_hello_or_fails(variant) {
        let command = variant.guest("command");
        for (argument, status) in [("argument", 0), ("fail", 1)] {
            let ran = execute_within(COMPILING, &command, &[], &[argument], b"").await;
            assert_eq!((ran.status, ran.stdout.as_str()), (status, "hello, command line\n"), "{}", ran.stderr);
        }
    }
}

on_every_backend! {
    async fn the_exit_status_is_the_commands(backend) {
        let command = guest("command", backend);
        let ran = execute(&command, &[], &[], b"").await;
        assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (0, "hello, command line\n", ""));
        // An error of `run`.
        let ran = execute(&command, &[], &["fail"], b"").await;
        assert_eq!((ran.status, ran.stdout.as_str()), (1, "hello, command line\n"));
        // `exit-with-code`, when all was written.
        let standard = guest("standard", backend);
        let ran = execute(&standard, &[], &["exit", "7"], b"").await;
        assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (7, "leaving\n", ""));
    }

    async fn a_trap_is_told(backend) {
        let ran = execute(&guest("standard", backend), &[], &["trap"], b"").await;
        assert_eq!(ran.status, 134);
        if backend != Backend::Native {
            // Natively a panic is silent, unless the guest takes care.
            assert!(ran.stderr.contains("as it was told"), "{}", ran.stderr);
        }
        assert!(ran.stderr.contains("error: the component trapped"), "{}", ran.stderr);
        assert!(ran.stderr.contains("unreachable"), "{}", ran.stderr);
    }

    async fn a_timeout_ends_who_waits_and_who_computes(backend) {
        for how in ["wait", "spin"] {
            let ran = execute(&guest("standard", backend), &["-W", "timeout=200ms"], &[how], b"").await;
            assert_eq!(ran.status, 134, "{how}");
            assert!(ran.stderr.contains("timeout"), "{}", ran.stderr);
        }
    }

    async fn memory_is_limited(backend) {
        let ran = execute(&guest("standard", backend), &["-W", "max-memory-size=32M"], &["grow"], b"").await;
        let megabytes = ran.stdout.strip_suffix(" MiB\n").and_then(|number| number.parse::<u32>().ok());
        assert!(megabytes.is_some_and(|number| (10..32).contains(&number)), "{ran:?}");
    }

    async fn what_can_never_go_on_is_not_waited_for(backend) {
        let ran = execute(&guest("standard", backend), &[], &["leave"], b"").await;
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
    }

    async fn standard_streams_can_be_switched_off(backend) {
        let cat = guest("cat", backend);
        let ran = execute(&cat, &["-S", "inherit-stdin=n"], &[], b"not to be read").await;
        assert_eq!((ran.status, ran.stdout.as_str()), (0, ""));
        let ran = execute(&cat, &["-S", "inherit-stdout=n"], &[], b"not to be seen").await;
        assert_eq!((ran.status, ran.stdout.as_str()), (0, ""));
    }

    async fn cat_passes_on_what_comes_as_it_comes(backend) {
        let mut child = start(&guest("cat", backend), &[], &[]);
        let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        for piece in ["one", "two", "three"] {
            stdin.write_all(piece.as_bytes()).await.unwrap();
            let mut bytes = vec![0; piece.len()];
            within("the piece", stdout.read_exact(&mut bytes)).await.unwrap();
            assert_eq!(bytes, piece.as_bytes());
        }
        drop(stdin);
        assert!(within("the end", child.wait()).await.unwrap().success());
    }

    async fn cat_passes_on_a_lot(backend) {
        let lot: Vec<u8> = (0..4 << 20).map(|at| b'a' + (at % 23) as u8).collect();
        let ran = execute(&guest("cat", backend), &[], &[], &lot).await;
        assert_eq!(ran.status, 0);
        assert!(ran.stdout.as_bytes() == lot);
    }

    async fn walk_prints_what_is_there(backend) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::create_dir_all(path.join("a/b")).unwrap();
        fs::write(path.join("a/file"), "12345").unwrap();
        fs::write(path.join("empty"), "").unwrap();
        std::os::unix::fs::symlink("a/file", path.join("link")).unwrap();
        std::os::unix::fs::symlink("/etc", path.join("out")).unwrap();
        let dir = format!("{}::/work::ro", path.display());
        let ran = execute(&guest("walk", backend), &["--dir", &dir], &["/work"], b"").await;
        assert_eq!(ran.stderr, "");
        assert_eq!(
            ran.stdout,
            "/work/a: directory\n/work/a/b: directory\n/work/a/file: 5 bytes\n/work/empty: 0 bytes\n\
             /work/link: link to a/file\n/work/out: link to elsewhere\n",
        );
        assert_eq!(ran.status, 0);
    }

    async fn tcp_echo_serves_many_at_once(backend) {
        let mut child = start(&guest("tcp-echo", backend), &["-S", "inherit-network"], &["3"]);
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        within("the address", stdout.read_line(&mut line)).await.unwrap();
        let address: SocketAddr = line.trim().parse().expect("an address");
        let mut connections = Vec::new();
        for _ in 0..3 {
            connections.push(TcpStream::connect(address).await.unwrap());
        }
        // The last one first.
        for (number, connection) in connections.iter_mut().enumerate().rev() {
            let text = format!("hello from {number}");
            connection.write_all(text.as_bytes()).await.unwrap();
            let mut back = vec![0; text.len()];
            within("the echo", connection.read_exact(&mut back)).await.unwrap();
            assert_eq!(back, text.as_bytes());
        }
        for connection in &mut connections {
            connection.shutdown().await.unwrap();
            let mut rest = Vec::new();
            within("the end", connection.read_to_end(&mut rest)).await.unwrap();
            assert!(rest.is_empty());
        }
        assert!(within("the server's end", child.wait()).await.unwrap().success());
    }

    async fn tcp_echo_needs_the_network(backend) {
        let ran = execute(&guest("tcp-echo", backend), &[], &["1"], b"").await;
        assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
    }

    async fn single_functions_are_invoked(backend) {
        let ran = execute(&guest("command", backend), &["--invoke", "run.run()"], &[], b"").await;
        assert_eq!((ran.status, ran.stdout.as_str()), (0, "hello, command line\nok\n"));
        let ran = execute(&guest("command", backend), &["--invoke", "run.walk()"], &[], b"").await;
        assert_eq!(ran.status, 2);
        assert!(ran.stderr.contains("exports no function `run.walk`"), "{}", ran.stderr);
        assert!(ran.stderr.contains("help: it exports `wasi:cli/run@"), "{}", ran.stderr);
    }

    async fn arguments_and_results_are_written_in_wave(backend) {
        let functions = guest("functions", backend);
        let invoke = async |call: &str| {
            let ran = execute(&functions, &["--invoke", call], &[], b"").await;
            (ran.status, ran.stdout, ran.stderr)
        };
        for (call, result) in [
            ("greetings.add(-2, 44)", "42"),
            ("add(1, 2)", "3"),
            ("nothing()", "()"),
            ("ready((1.5, 'x'))", "('x', 1.5)"),
            ("greet(\"you\")", "ok([{text: \"hello, you\", loud: false}])"),
            (
                "test:functions/greetings@1.0.0.greet(\"you\", some(2))",
                "ok([{text: \"hello, you\", loud: false}, {text: \"hello, you\", loud: true}])",
            ),
            ("greet(\"\", none)", "err(nobody)"),
            ("greet(\"you\", some(9))", "err(too-many(9))"),
        ] {
            assert_eq!(invoke(call).await, (0, format!("{result}\n"), String::new()), "{call}");
        }
        for (call, error) in [
            ("greet(1)", "does not understand"),
            ("greet(\"you\"", "does not understand"),
            ("other.greet(\"you\")", "exports no function `other.greet`"),
            ("streamed()", "cannot be invoked: its result is or has a"),
        ] {
            let (status, stdout, stderr) = invoke(call).await;
            assert_eq!((status, stdout.as_str()), (2, ""), "{call}");
            assert!(stderr.contains(error), "{call}: {stderr}");
        }
    }

    async fn what_is_no_command_is_told_what_to_do(backend) {
        let ran = execute(&guest("service", backend), &[], &[], b"").await;
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains("polyfill-host serve"), "{}", ran.stderr);
    }
}

/// wasmtime waits for ever when this happens natively.
#[tokio::test]
async fn a_deadlock_is_told() {
    let standard = guest("standard", Backend::Isyswasfa);
    let ran = execute(&standard, &[], &["deadlock"], b"").await;
    assert_eq!(ran.status, 134, "{ran:?}");
    for line in [
        "deadlock: all tasks wait, and nothing is under way that could wake one",
        "the host waits for `wasi:cli/run@0.3.2#run` of component 1 (task 0)",
        "component 1 waits in `wasi:cli/run@0.3.2#run` to read from a `stream<u8>`",
    ] {
        assert!(ran.stderr.contains(line), "{}", ran.stderr);
    }
}

#[tokio::test]
async fn a_0_2_command_runs_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "content").unwrap();
    let dir = format!("{}::/", folder.path().display());
    let command = guest("plain-command", Backend::Isyswasfa);
    let ran = execute(&command, &[], &["--some", "words"], b"").await;
    assert_eq!(
        (ran.status, ran.stdout.as_str()),
        (0, "plain-command.wasm --some words\n")
    );
    let ran = execute(&command, &["--dir", &dir], &["file"], b"").await;
    assert_eq!(
        (ran.status, ran.stdout.as_str()),
        (0, "plain-command.wasm file: content\n")
    );
    let ran = execute(&command, &["--dir", &dir], &["absent"], b"").await;
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""));
}

#[tokio::test]
async fn mistakes_on_the_command_line_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent.wasm");
    let ran = execute(&absent, &[], &[], b"").await;
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("there is no file"), "{}", ran.stderr);
    let walk = guest("walk", Backend::Isyswasfa);
    let ran = execute(&walk, &["--dir", "/no/such/place"], &[], b"").await;
    assert_eq!(ran.status, 2);
    assert!(ran.stderr.contains("`/no/such/place`"), "{}", ran.stderr);
}

/// On the native backend wasmtime keeps no such count.
#[tokio::test]
async fn what_is_given_up_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let dir = format!("{}::/", folder.path().display());
    let options = [
        "-S",
        "max-resources=50,inherit-network,allow-ip-name-lookup",
        "--dir",
        &dir,
    ];
    let ran = execute(&guest("give-up", Backend::Isyswasfa), &options, &[], b"").await;
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
}
