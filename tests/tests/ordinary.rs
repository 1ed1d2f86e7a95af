//! Guests that use Rust's standard library as any program does, beside WASI 0.3: they print, read the clock, the environment,
//! arguments and files, on every backend.

use http::Request;
use isyswasfa_tests::command::{Ran, execute};
use isyswasfa_tests::{Backend, Server, body, exchange, guest, on_every_backend, program};
use polyfill_host::abi::Shape;
use std::fs;
use std::process::Command;

const OUTPUT: &str = "\
arguments: [\"a\", \"b c\"]
variable: Some(\"vanilla\"), None
waited: true
slept: true
now: true
map: 100
read: \"from the host\"
size: 21
names: [\"in\", \"out\"]
gone: NotFound
one, two, three
stdin: \"lines\\nof input\\n\"
";

fn well(ran: &Ran) -> &str {
    assert_eq!(ran.status, 0, "{ran:?}");
    &ran.stdout
}

on_every_backend! {
    async fn std_has_all_that_a_program_needs(backend) {
        let ordinary = guest("ordinary", backend);
        let mut seeds = Vec::new();
        for _ in 0..2 {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("in"), "from the host").unwrap();
            let dir = format!("{}::data", folder.path().display());
            let options = ["--dir", &dir, "--env", "FLAVOUR=vanilla"];
            let ran = execute(&ordinary, &options, &["a", "b c"], b"lines\nof input\n").await;
            assert_eq!(well(&ran), OUTPUT);
            let moved = fs::read_to_string(folder.path().join("moved")).unwrap();
            assert_eq!(moved, "from the guest, twice");
            let seed = ran.stderr.strip_prefix("to stderr\nseed: ").expect(&ran.stderr);
            seeds.push(seed.to_owned());
        }
        assert_ne!(seeds[0], seeds[1]);
    }

    async fn without_a_folder_there_are_no_files(backend) {
        let ordinary = guest("ordinary", backend);
        let ran = execute(&ordinary, &[], &[], b"").await;
        assert!(well(&ran).contains("files: No such file or directory"), "{ran:?}");
        assert!(ran.stdout.ends_with("one, two, three\nstdin: \"\"\n"), "{ran:?}");
    }

    async fn a_panic_is_told_where_it_was(backend) {
        let ordinary = guest("ordinary", backend);
        let ran = execute(&ordinary, &[], &["panic"], b"").await;
        assert_eq!((ran.status, ran.stdout.as_str()), (134, ""));
        assert!(ran.stderr.contains("as it was told"), "{}", ran.stderr);
        assert!(ran.stderr.contains("src/lib.rs:"), "{}", ran.stderr);
    }

    async fn a_program_can_exit(backend) {
        let ordinary = guest("ordinary", backend);
        let ran = execute(&ordinary, &[], &["exit"], b"").await;
        assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (1, "leaving\n", ""));
    }

    async fn a_server_has_std_as_well(backend) {
        let server = guest("ordinary-server", backend);
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("in"), "a file").unwrap();
        let dir = format!("{}::data", folder.path().display());
        let server = Server::start(&server, &["--dir", &dir, "--env", "FLAVOUR=vanilla"]).await;
        for path in ["/one", "/two"] {
            let request = Request::get(path).body(body::empty()).unwrap();
            let answer = exchange(server.address, request).await.unwrap();
            assert_eq!((answer.status.as_u16(), answer.text()), (200, "vanilla, a file, 0\n"));
            server.logged(&format!("asked for {path}")).await;
            server.logged(&format!("asked for {path}, on stderr")).await;
        }
    }

    async fn a_program_has_the_run_that_it_exports(backend) {
        let program = guest("program-with-run", backend);
        let ran = execute(&program, &[], &["a"], b"").await;
        assert_eq!((well(&ran), ran.stderr.as_str()), ("run, with [\"a\"]\n", ""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_nothing_but_main_runs() {
    for backend in Backend::BUILT {
        let program = guest("program", backend);
        let ran = execute(&program, &[], &["a"], b"").await;
        assert_eq!(well(&ran), "main, with [\"a\"]\n");
        let ran = execute(&program, &[], &[], b"").await;
        assert_eq!((ran.status, ran.stdout.as_str()), (1, "main, with []\n"));
        assert!(ran.stderr.contains("no arguments"), "{}", ran.stderr);
    }
}

#[test]
fn a_run_of_0_3_is_the_only_one() {
    for (backend, version) in [(Backend::Isyswasfa, "-isyswasfa"), (Backend::Native, "")] {
        for (name, count) in [("program-with-run", 1), ("program", 1)] {
            let file = guest(name, backend);
            let shape = Shape::read(&file, &fs::read(&file).unwrap()).unwrap();
            assert_eq!(shape.exports.len(), count, "{:?}", shape.exports);
            let expected = match name {
                "program" => "wasi:cli/run@0.2.".to_owned(),
                _ => "wasi:cli/run@0.3.".to_owned(),
            };
            assert!(
                shape.exports[0].starts_with(&expected),
                "{:?}",
                shape.exports
            );
            if name == "program-with-run" {
                assert!(shape.exports[0].ends_with(version), "{:?}", shape.exports);
            }
        }
    }
}

/// Both versions of WASI, in a composition, and in what is said of it.
#[tokio::test(flavor = "multi_thread")]
async fn compositions_have_std_too() {
    let folder = tempfile::tempdir().unwrap();
    for backend in Backend::BUILT {
        let server = guest("ordinary-server", backend);
        let file = folder.path().join("composition.wasm");
        let done = Command::new(program("polyfill-host"))
            .arg("compose")
            .arg(guest("middleware", backend))
            .arg("--plug")
            .arg(&server)
            .arg("-o")
            .arg(&file)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        for file in [&file, &server] {
            let told = Command::new(program("polyfill-host"))
                .args(["inspect"])
                .arg(file)
                .output()
                .unwrap();
            assert!(told.status.success(), "{told:?}");
            let told = String::from_utf8(told.stdout).unwrap();
            assert!(told.contains("wasi:cli/environment@0.2."), "{told}");
        }
        let server = Server::start(&file, &["--env", "FLAVOUR=vanilla"]).await;
        let request = Request::get("/").body(body::empty()).unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert!(answer.text().starts_with("vanilla, "), "{}", answer.text());
    }
}
