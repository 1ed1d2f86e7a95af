//! What is not lowered does not start there: the split guests import `isyswasfa:core`, the native ones are of WASI 0.3.

use super::host::Host;
use super::process::Ended;
use super::record::Shown;
use isyswasfa_tests::{Backend, State, compose_five, guest};
use tokio::process::Command;
use wasmtime::component::{Component, Linker};
use wasmtime::{Config, Engine};

/// `echo`, and the composition of five.
pub async fn served(host: &Host) {
    let serve = host.serve.expect("a host that serves");
    let folder = tempfile::tempdir().unwrap();
    for backend in Backend::BUILT {
        let five = folder.path().join("five.wasm");
        compose_five(backend, &five);
        // No port is ever listened on.
        refuses(host, backend, serve(&five, 0)).await;
        let said = refuses(host, backend, serve(&guest("echo", backend), 0)).await;
        host.shown(Shown::Refuses(backend.name(), said));
    }
}

/// `command`.
pub async fn ran(host: &Host) {
    let run = host.run.expect("a host that runs commands");
    for backend in Backend::BUILT {
        let said = refuses(host, backend, run(&guest("command", backend), None)).await;
        host.shown(Shown::Refuses(backend.name(), said));
    }
}

/// The same by an engine in this process that has nothing but WASI 0.2, without async functions.
pub async fn by_the_library(host: &Host) {
    let mut config = Config::new();
    config
        .wasm_component_model_async(false)
        .concurrency_support(false);
    let engine = Engine::new(&config).unwrap();
    let mut linker = Linker::<State>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
    let loaded = |backend| {
        let component = Component::from_file(&engine, guest("command", backend))?;
        linker.instantiate_pre(&component)
    };
    assert!(loaded(Backend::Lowered).is_ok());
    for backend in Backend::BUILT {
        let Err(error) = loaded(backend) else {
            panic!("{backend:?} is not refused");
        };
        let said = why(host, backend, &format!("{error:#}"));
        host.shown(Shown::Refuses(backend.name(), said));
    }
}

/// Starts the host, which must fail; what its error says.
async fn refuses(host: &Host, backend: Backend, start: Command) -> String {
    let ended = Ended::of(start).await;
    let (status, said) = (ended.status, ended.stdout + &ended.stderr);
    assert!(status.is_some_and(|status| status != 0), "{said}");
    why(host, backend, &said)
}

fn why(host: &Host, backend: Backend, said: &str) -> String {
    let why = match backend {
        Backend::Isyswasfa => &[host.refusals.split],
        Backend::Native => host.refusals.native,
        _ => unreachable!("it is not refused"),
    };
    // What comes before, a number of the run or a file's name, differs each time.
    let found = why.iter().find_map(|why| Some(&said[said.find(why)?..]));
    let found = found.and_then(|found| found.lines().next());
    found
        .unwrap_or_else(|| panic!("none of {why:?} is in what the host says:\n{said}"))
        .trim()
        .to_owned()
}
