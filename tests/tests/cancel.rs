//! Calls that are given up, in every state that a call can be in: `cancel-consumer` gives up calls of `cancel`, some of them
//! through `cancel-between`. What the callee has is dropped before the caller goes on, as `subtask.cancel` of the Component
//! Model's concurrency waits for it.

use isyswasfa_tests::command::execute;
use isyswasfa_tests::{
    Backend, Embedded, Embedder, composable, compose_files, lower_if, on_every_backend, within,
};
use std::fs;

const CHECKS: &str = "t:cancel/checks@1.0.0";

const STREAMS: &[&str] = &["bytes", "numbers", "texts", "things", "nothings"];
const FUTURES: &[&str] = &["text", "thing"];

fn composed(backend: Backend) -> Vec<u8> {
    let [consumer, between, callee] =
        ["cancel-consumer", "cancel-between", "cancel"].map(|name| composable(name, backend));
    compose_files(&consumer, &[("", &between), ("", &callee)]).unwrap()
}

async fn instantiate(backend: Backend) -> Embedded {
    let embedder = Embedder::new(backend).unwrap();
    embedder.instantiate(&composed(backend)).await.unwrap()
}

async fn check(instance: &Embedded, name: &str, kind: &str, expected: &str) {
    let what = format!("{name}: {kind}");
    let called = instance.call::<_, (String,)>(CHECKS, "check", (name.to_owned(), kind.to_owned()));
    let (came,) = within(&what, called).await.unwrap();
    assert_eq!(came, expected, "{what}");
}

on_every_backend! {
    async fn the_writer_of_a_stream_that_a_given_up_call_had_finds_it_dropped(backend) {
        let instance = instantiate(backend).await;
        for kind in STREAMS {
            let came = "Dropped, 2 left";
            check(&instance, "read new", kind, &format!("{came}; the caller goes on; 0 alive")).await;
            check(&instance, "read held", kind, &format!("{came}; the caller goes on; 0 alive")).await;
            let notes = "a read is dropped, the caller goes on";
            check(&instance, "read waiting", kind, &format!("{came}; {notes}; 0 alive")).await;
        }
    }

    async fn the_writer_of_a_future_that_a_given_up_call_had_gets_its_value_back(backend) {
        let instance = instantiate(backend).await;
        for kind in FUTURES {
            let came = "the value comes back";
            check(&instance, "read new", kind, &format!("{came}; the caller goes on; 0 alive")).await;
            check(&instance, "read held", kind, &format!("{came}; the caller goes on; 0 alive")).await;
            let notes = "a read is dropped, the caller goes on";
            check(&instance, "read waiting", kind, &format!("{came}; {notes}; 0 alive")).await;
        }
    }

    async fn calls_of_a_call_that_is_given_up_are_given_up_before_its_caller_goes_on(backend) {
        let instance = instantiate(backend).await;
        for (kinds, came) in [(STREAMS, "Dropped, 2 left"), (FUTURES, "the value comes back")] {
            for kind in kinds {
                let waits = "a read is dropped, what is between is dropped, the caller goes on";
                check(&instance, "between waiting", kind, &format!("{came}; {waits}; 0 alive")).await;
                let held = "what is between is dropped, the caller goes on";
                check(&instance, "between held", kind, &format!("{came}; {held}; 0 alive")).await;
                check(&instance, "between new", kind, &format!("{came}; the caller goes on; 0 alive")).await;
            }
        }
    }

    async fn the_parameters_of_a_call_that_is_given_up_are_dropped(backend) {
        let instance = instantiate(backend).await;
        for (state, notes) in [
            ("new", "the caller goes on"),
            ("held", "the caller goes on"),
            ("waiting", "what was taken is dropped, the caller goes on"),
        ] {
            let check = async |kind, came: &str| {
                let expected = format!("{came}; {notes}; 0 alive");
                check(&instance, &format!("take {state}"), kind, &expected).await;
            };
            check("all", "0 alive, Dropped, Dropped, true").await;
            check("wide", "0 alive, Dropped").await;
        }
        let lent = "0 alive; what was taken is dropped, the caller goes on; 0 alive";
        check(&instance, "take waiting", "lent", lent).await;
    }

    async fn calls_that_are_given_up_leave_no_memory(backend) {
        let instance = instantiate(backend).await;
        for state in ["new", "held", "waiting"] {
            check(&instance, &format!("take {state}"), "memory", "nothing is left; ; 0 alive").await;
        }
    }

    async fn what_was_never_polled_is_dropped(backend) {
        let instance = instantiate(backend).await;
        for kind in ["call", "write", "future", "spawned"] {
            check(&instance, "unpolled", kind, "dropped; ; 0 alive").await;
        }
    }

    async fn a_result_that_nobody_fetches_is_dropped(backend) {
        let instance = instantiate(backend).await;
        let expected = "0 alive; a call is dropped, the caller goes on; 0 alive";
        check(&instance, "done", "things", expected).await;
        let expected = "0 alive; a call is dropped, the writer is done, the caller goes on; 0 alive";
        check(&instance, "done", "stream", expected).await;
    }

    async fn a_deadlock_names_the_read_or_write_that_waits(backend) {
        if backend == Backend::Native {
            // wasmtime waits for ever.
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("composed.wasm");
        fs::write(&file, composed(backend)).unwrap();
        lower_if(backend, &file);
        // Natively, what a call has spawned is a part of it.
        let spawned = if backend.is_translated() {
            "waits in `t:cancel/checks@1.0.0#check` to read from a `stream<string>`"
        } else {
            "waits in a task that it has spawned to read from a `stream<string>`"
        };
        for (kind, lines) in [
            ("bytes", &["waits in `t:cancel/checks@1.0.0#check` to read from a `stream<u8>`"][..]),
            ("things", &["waits in `t:cancel/checks@1.0.0#check` to read from a `stream<thing>`"]),
            ("write", &["waits in `t:cancel/checks@1.0.0#check` to write to a `stream<thing>`"]),
            ("future", &["waits in `t:cancel/checks@1.0.0#check` to read from a `future<thing>`"]),
            ("spawned", &[spawned]),
            ("call", &[
                "waits for `t:cancel/callee@1.0.0#read-things` of component",
                "waits in `t:cancel/callee@1.0.0#read-things` to read from a `stream<thing>`",
            ]),
            ("blocked", &["to read from a `stream<thing>`"]),
        ] {
            let call = format!("check(\"deadlock\", \"{kind}\")");
            let ran = execute(&file, &["--invoke", &call], &[], b"").await;
            assert_eq!(ran.status, 134, "{ran:?}");
            for line in lines {
                assert!(ran.stderr.contains(line), "{kind}: {}", ran.stderr);
            }
        }
        let call = "check(\"deadlock\", \"given-up\")";
        let ran = execute(&file, &["--invoke", call], &[], b"").await;
        assert_eq!(ran.status, 134, "{ran:?}");
        // The parts of a Rust guest wake each other by a stream, of which a split guest has no need.
        let given_up = if backend.is_translated() { "stream<thing>" } else { "to read from" };
        assert!(!ran.stderr.contains(given_up), "{}", ran.stderr);
    }

    async fn a_task_that_yields_lets_its_caller_act(backend) {
        let instance = instantiate(backend).await;
        for kind in ["told", "dropped", "cancelled", "blocked"] {
            check(&instance, "spin", kind, "over; a spin is dropped, the caller goes on; 0 alive").await;
        }
    }
}
