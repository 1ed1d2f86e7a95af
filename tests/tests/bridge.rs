//! Bridges: components whose functions are sync behind async imports, and the other way round, on both ABIs.

use http::{Request, StatusCode};
use isyswasfa_tests::{
    Backend, Server, body, command, compose_files, exchange, guest, on_every_build, program,
};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A composition in a folder of its own.
struct Composed {
    _folder: TempDir,
    file: PathBuf,
}

fn composed(main: &Path, plugs: &[(&str, &Path)]) -> Composed {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("composed.wasm");
    std::fs::write(&file, compose_files(main, plugs).unwrap()).unwrap();
    Composed {
        _folder: folder,
        file,
    }
}

/// A guest that is the same whatever it is built for.
fn plain(name: &str) -> PathBuf {
    guest(name, Backend::Isyswasfa)
}

/// The service whose naps a sync component takes.
fn napping_service(backend: Backend) -> Composed {
    let caller = guest("naps-async-caller", backend);
    composed(&caller, &[("", &plain("naps-blocking"))])
}

async fn get(server: &Server, path: &str) -> String {
    let request = Request::get(path).body(body::empty()).unwrap();
    let response = exchange(server.address, request).await.unwrap();
    assert_eq!(response.status, StatusCode::OK, "{path}");
    response.text().to_owned()
}

on_every_build! {
    async fn sync_functions_are_called_one_at_a_time_in_their_order(backend) {
        let service = napping_service(backend);
        let server = Server::start(&service.file, &[]).await;
        let start = Instant::now();
        assert_eq!(get(&server, "/naps/5/40").await, "0, 1, 2, 3, 4");
        assert!(start.elapsed() >= Duration::from_millis(5 * 40));
    }

    async fn what_blocks_holds_up_nobody_else(backend) {
        let service = napping_service(backend);
        // One instance has to do.
        let server = Server::start(&service.file, &["--max-instance-concurrent-reuse-count", "50"]).await;
        let server = &server;
        assert_eq!(get(server, "/").await, "awake");
        let mut nap = std::pin::pin!(get(server, "/naps/1/2000"));
        let others = async {
            server.logged("nap 0 naps").await;
            for _ in 0..20 {
                assert_eq!(get(server, "/").await, "awake");
            }
        };
        tokio::select! {
            biased;
            () = others => {}
            _ = &mut nap => panic!("the others had to wait for the nap"),
        }
        assert_eq!(nap.await, "0");
    }

    async fn values_and_errors_cross(backend) {
        let service = napping_service(backend);
        let server = Server::start(&service.file, &["--max-instance-reuse-count", "1000"]).await;
        assert_eq!(get(&server, "/nobody").await, "Refused::Nobody");
        assert_eq!(get(&server, "/too-long").await, "Refused::TooLong(10000)");
        assert_eq!(get(&server, "/rest/1").await, "rested");
        // A function of the world itself.
        assert_eq!(get(&server, "/doze/10").await, "5");
        // A function that is sync on both sides.
        assert_eq!(get(&server, "/count").await, "0");
    }

    async fn callers_wait_for_room_in_the_queue(backend) {
        let service = napping_service(backend);
        let server = Server::start(&service.file, &["--bridge-queue", "1"]).await;
        let expected: Vec<_> = (0..100).map(|number| number.to_string()).collect();
        assert_eq!(get(&server, "/naps/100/1").await, expected.join(", "));
    }

    async fn who_gives_up_before_its_turn_is_left_out(backend) {
        let service = napping_service(backend);
        let server = Server::start(&service.file, &["--max-instance-concurrent-reuse-count", "50"]).await;
        let server = &server;
        let nap = get(server, "/naps/1/500");
        let gives_up = async {
            server.logged("nap 0 naps").await;
            assert_eq!(get(server, "/give-up/50").await, "gave up");
            get(server, "/count").await
        };
        let (nap, count) = tokio::join!(nap, gives_up);
        assert_eq!((nap.as_str(), count.as_str()), ("0", "1"));
        assert!(!server.log().contains("given up naps"), "{}", server.log());
    }

    async fn a_trap_takes_those_along_who_call(backend) {
        let service = napping_service(backend);
        let server = Server::start(&service.file, &[]).await;
        let request = Request::get("/oversleep").body(body::empty()).unwrap();
        let response = exchange(server.address, request).await.unwrap();
        assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR);
        server.logged("naps-blocking.wasm`, which is behind a bridge, has ended").await;
        // The next instance has another island.
        assert_eq!(get(&server, "/naps/1/1").await, "0");
    }

    async fn a_request_that_takes_too_long_ends_what_is_behind_the_bridge(backend) {
        let service = napping_service(backend);
        let arguments = ["--request-timeout", "300ms"];
        let server = Server::start(&service.file, &arguments).await;
        let naps = async |milliseconds: u32| {
            let request = Request::get(format!("/naps/1/{milliseconds}")).body(body::empty());
            exchange(server.address, request.unwrap()).await.unwrap().status
        };
        let start = Instant::now();
        assert_eq!(naps(9999).await, StatusCode::GATEWAY_TIMEOUT);
        // It is given a second to finish.
        while naps(1).await != StatusCode::OK {}
        assert!(start.elapsed() < Duration::from_millis(9999));
    }

    async fn what_is_behind_a_bridge_goes_with_its_instance(backend) {
        let service = napping_service(backend);
        // An instance, and an island of it, for each request.
        let server = Server::start(&service.file, &["--max-instance-reuse-count", "1"]).await;
        let requests = async || {
            for _ in 0..150 {
                assert_eq!(get(&server, "/naps/1/0").await, "0");
            }
            server.resident()
        };
        let before = requests().await;
        let after = requests().await;
        // An island that stayed would keep a page of memory at least, and a stack.
        assert!(after < before + (8 << 20), "{before} bytes, then {after}");
    }

    async fn a_sync_caller_waits_for_an_async_component(backend) {
        let caller = plain("naps-sync-caller");
        let command = composed(&caller, &[("", &guest("naps-waiting", backend))]);
        let ran = command::execute(&command.file, &[], &["1", "-", "10000", "rest", "doze", "count"], b"").await;
        let expected = "1: Ok(0)\n-: Err(Refused::Nobody)\n10000: Err(Refused::TooLong(10000))\n\
                        rest: ()\ndoze: 5\ncount: 1\n";
        assert_eq!((ran.stdout.as_str(), ran.status), (expected, 0), "{}", ran.stderr);

        let ran = command::execute(&command.file, &[], &["oversleep"], b"").await;
        assert_eq!(ran.status, 134);
        assert!(ran.stderr.contains("naps-waiting.wasm`, which is behind a bridge"), "{}", ran.stderr);
    }

    async fn bridges_follow_one_another(backend) {
        // Async to sync to async.
        let passes_on = plain("naps-sync-caller");
        let service = composed(
            &guest("naps-async-caller", backend),
            &[("", &passes_on), ("", &guest("naps-waiting", backend))],
        );
        let server = Server::start(&service.file, &[]).await;
        let start = Instant::now();
        assert_eq!(get(&server, "/naps/4/30").await, "0, 1, 2, 3");
        assert!(start.elapsed() >= Duration::from_millis(4 * 30));
        assert_eq!(get(&server, "/too-long").await, "Refused::TooLong(10000)");
        assert_eq!(get(&server, "/doze/10").await, "5");
    }
}

fn host(arguments: &[&str], folder: &Path) -> Output {
    Command::new(program("polyfill-host"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program starts")
}

/// The composition, as a user makes it.
fn by_command(backend: Backend) -> (TempDir, Output) {
    let folder = tempfile::tempdir().unwrap();
    for (name, file) in [
        ("caller.wasm", guest("naps-async-caller", backend)),
        ("naps.wasm", plain("naps-blocking")),
    ] {
        std::fs::copy(file, folder.path().join(name)).unwrap();
    }
    let arguments = [
        "compose",
        "caller.wasm",
        "--plug",
        "naps.wasm",
        "-o",
        "app.wasm",
    ];
    let output = host(&arguments, folder.path());
    (folder, output)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn compose_says_what_is_bridged() {
    for backend in Backend::BUILT {
        let (_folder, output) = by_command(backend);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let suffix = match backend {
            Backend::Isyswasfa => "-isyswasfa",
            _ => "",
        };
        assert_eq!(
            text(&output.stderr),
            format!(
                "note: the import `tests:naps/naps@0.1.0{suffix}` of `caller.wasm` is bridged, by polyfill-host only; \
                 `naps.wasm` is not async: its calls are made one at a time\n\
                 note: the import `doze` of `caller.wasm` is bridged, by polyfill-host only; \
                 `naps.wasm` is not async: its calls are made one at a time\n"
            )
        );
    }
}

#[test]
fn inspect_shows_bridges() {
    for backend in Backend::BUILT {
        let (folder, _) = by_command(backend);
        let output = text(&host(&["inspect", "app.wasm"], folder.path()).stdout);
        for expected in [
            "tests:naps/naps@0.1.0 (bridged to naps.wasm)",
            "take: async func(nap: nap) -> result<u32, refused>",
            "doze: async func(milliseconds: u32) -> u32",
            "which only polyfill-host runs",
        ] {
            assert!(output.contains(expected), "{expected}\n{output}");
        }
    }
}

#[test]
fn a_composition_with_bridges_is_neither_composed_nor_lowered() {
    let (folder, _) = by_command(Backend::Isyswasfa);
    for arguments in [
        &["lower", "app.wasm", "-o", "out.wasm"][..],
        &[
            "compose",
            "app.wasm",
            "--plug",
            "naps.wasm",
            "-o",
            "out.wasm",
        ],
        &[
            "compose",
            "caller.wasm",
            "--plug",
            "app.wasm",
            "-o",
            "out.wasm",
        ],
    ] {
        let output = host(arguments, folder.path());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let stderr = text(&output.stderr);
        assert!(
            stderr.contains("`app.wasm` is a composition with bridges"),
            "{stderr}"
        );
        assert!(stderr.contains("help: "), "{stderr}");
        assert!(!folder.path().join("out.wasm").exists());
    }
}
