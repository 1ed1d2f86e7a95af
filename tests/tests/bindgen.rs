//! `bindgen!`: one host program for components of both ABIs. The guest `bindings` has all that crosses between host and guests.

mod host;
mod line;
mod more;
mod plain;

use futures::future::join_all;
use host::exports::test::bindings::app::Guest;
use host::test::bindings::shapes::{Point, Problem};
use host::{Bindings, State};
use isyswasfa_tests::{Backend, on_every_build, within};
use polyfill_host::embed::{FutureReader, StreamReader};
use polyfill_host::engine::Features;
use std::time::Duration;

async fn check(backend: Backend, name: &str, expected: &str) {
    let guest = host::instantiate(backend).await;
    // Twice: nothing of the first time is in the way.
    for _ in 0..2 {
        let checked = app(&guest).call_check(name.to_owned());
        assert_eq!(within(name, checked).await.unwrap(), expected);
    }
    // Tasks that the guest has left behind end by themselves, and then nothing is left.
    let idle = async {
        let handles = |state: &mut State| state.handles();
        while guest.instance().with(handles).await.unwrap() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    within("the end of all handles", idle).await;
}

fn app(guest: &Bindings<State>) -> &Guest<State> {
    guest.test_bindings_app()
}

/// The number of accounts, once those that were dropped are gone.
async fn accounts(guest: &Bindings<State>) -> u32 {
    // A call that takes its turn after the destructors.
    app(guest).call_double(0).await.unwrap();
    app(guest).call_accounts().await.unwrap()
}

on_every_build! {
    async fn the_round_trip(backend) {
        line::check(backend).await;
    }

    async fn bindings_may_share_types_and_an_instance(backend) {
        more::check(backend).await;
    }

    async fn a_guest_uses_the_hosts_resources(backend) {
        check(backend, "resources", "2, 12, 14, 1 and 0").await;
    }

    async fn values_of_every_type_are_what_they_were(backend) {
        check(backend, "types", "true true").await;
    }

    async fn bytes_go_through_the_host(backend) {
        check(backend, "bytes", "SOME BYTES IN PIECES").await;
    }

    async fn a_future_comes_from_the_host(backend) {
        check(backend, "points", "Ok(10)").await;
    }

    async fn what_has_no_payload_is_counted(backend) {
        check(backend, "units", "0 left").await;
    }

    async fn streams_of_streams_come_from_the_host(backend) {
        check(backend, "nested", "one--three").await;
    }

    async fn the_hosts_resources_are_streamed(backend) {
        check(backend, "counters", "[101, 102, 103], 3 and 0").await;
    }

    async fn values_of_every_type_are_streamed(backend) {
        check(backend, "everything", "3 true").await;
    }

    async fn errors_of_the_hosts_own_become_wits(backend) {
        check(backend, "errors", "Err(\"lost\"), Err(\"broken\")").await;
    }

    async fn a_function_that_blocks_the_guest_may_be_async_in_the_host(backend) {
        check(backend, "slow", "slow, but there").await;
    }

    async fn a_call_that_the_guest_gives_up_is_dropped(backend) {
        let guest = host::instantiate(backend).await;
        let checked = app(&guest).call_check("cancel".to_owned());
        assert_eq!(within("the call", checked).await.unwrap(), "1 given up, 5");
    }

    async fn functions_of_the_world_and_of_inline_interfaces(backend) {
        let guest = host::instantiate(backend).await;
        assert_eq!(guest.call_greet("you".to_owned()).await.unwrap(), "hello you (1)");
        assert_eq!(guest.call_plain(1).await.unwrap(), 2);
        let answer = guest.outer().call_answer("why".to_owned()).await.unwrap();
        assert_eq!(answer, "why? because!");
        let lines = guest.instance().with(|state| state.services.lines()).await.unwrap();
        assert_eq!(lines, ["greets you", "you"]);
    }

    async fn calls_of_exports_overlap(backend) {
        let guest = host::instantiate(backend).await;
        let calls = (0..20).map(|n| guest.call_greet(n.to_string()));
        for (n, answer) in join_all(calls).await.into_iter().enumerate() {
            assert!(answer.unwrap().starts_with(&format!("hello {n} (")));
        }
    }

    async fn values_of_every_type_come_back(backend) {
        let guest = host::instantiate(backend).await;
        let echoed = app(&guest).call_echo(host::everything()).await.unwrap();
        assert_eq!(echoed, host::everything());
        let echoed = app(&guest).call_echo_later(host::everything()).await.unwrap();
        assert_eq!(echoed, host::everything());
        let stream = StreamReader::from(vec![host::everything(), host::everything()]);
        let repeated = app(&guest).call_repeat(stream).await.unwrap().collect().await;
        assert_eq!(repeated, [host::everything(), host::everything()]);
    }

    async fn many_bytes_go_through_the_guest(backend) {
        const PIECE: usize = 300_000;
        let guest = host::instantiate(backend).await;
        let (mut writer, reader) = StreamReader::new();
        let writing = tokio::spawn(async move {
            for n in 0..10u8 {
                writer.write(vec![n; PIECE]).await.unwrap();
            }
        });
        let mut reversed = app(&guest).call_reverse(reader).await.unwrap();
        let mut counts = [0; 10];
        while let Some(piece) = within("a piece", reversed.read()).await {
            piece.iter().for_each(|&n| counts[usize::from(n)] += 1);
        }
        assert_eq!(counts, [PIECE; 10]);
        writing.await.unwrap();
    }

    async fn records_go_through_the_guest_one_by_one(backend) {
        let guest = host::instantiate(backend).await;
        let (mut writer, reader) = StreamReader::new();
        let (mut mirrored, count) = app(&guest).call_mirror(reader).await.unwrap();
        for x in 0..3 {
            writer.write_one(Point { x, y: -x }).await.unwrap();
            let point = within("a point", mirrored.next()).await.unwrap();
            assert_eq!((point.x, point.y), (-x, x));
        }
        drop(writer);
        assert!(mirrored.next().await.is_none());
        assert_eq!(within("the count", count).await, Some(3));
    }

    async fn a_writer_learns_that_nobody_reads(backend) {
        let guest = host::instantiate(backend).await;
        let (mut writer, reader) = StreamReader::new();
        let (mirrored, count) = app(&guest).call_mirror(reader).await.unwrap();
        drop(mirrored);
        let refused = async {
            loop {
                if let Err(closed) = writer.write_one(Point { x: 1, y: 2 }).await {
                    return closed.0.len();
                }
            }
        };
        assert_eq!(within("the refusal", refused).await, 1);
        assert!(within("the count", count).await.unwrap() >= 1);
    }

    async fn streams_of_streams_and_futures_of_both(backend) {
        let guest = host::instantiate(backend).await;
        let words = ["one", "", "three"].map(|word| StreamReader::from(word.as_bytes().to_vec()));
        let mut texts = app(&guest)
            .call_each(StreamReader::from(Vec::from(words)))
            .await
            .unwrap();
        let mut got = Vec::new();
        while let Some(text) = within("a future", texts.next()).await {
            let text: FutureReader<String> = text;
            got.push(within("its text", text).await.unwrap());
        }
        assert_eq!(got, ["one", "", "three"]);
    }

    async fn a_resource_of_the_hosts_goes_to_a_guest_and_back(backend) {
        let guest = host::instantiate(backend).await;
        let counter = host::Counter::with(40);
        let kept = counter.clone();
        let back = app(&guest).call_with_counter(counter, 2).await.unwrap();
        assert_eq!((back.value(), kept.value()), (42, 42));
    }

    async fn the_host_uses_a_guests_resources(backend) {
        let guest = host::instantiate(backend).await;
        let account = app(&guest).account();
        let (mine, yours) = tokio::join!(
            account.call_constructor("me".to_owned()),
            account.call_constructor("you".to_owned())
        );
        let (mine, yours) = (mine.unwrap(), yours.unwrap());
        assert_eq!(account.call_owner(&mine).await.unwrap(), "me");
        let (a, b) = tokio::join!(account.call_deposit(&mine, 3), account.call_deposit(&yours, 4));
        assert_eq!((a.unwrap(), b.unwrap()), (Ok(3), Ok(4)));
        assert_eq!(account.call_deposit(&mine, 0).await.unwrap(), Err(Problem::Broken));
        assert_eq!(accounts(&guest).await, 2);
        // `mine` is the guest's again, which drops it.
        assert_eq!(account.call_join(mine, &yours).await.unwrap(), 7);
        assert_eq!(accounts(&guest).await, 1);
        drop(yours);
        assert_eq!(accounts(&guest).await, 0);
        let opened = account.call_open(vec!["a".to_owned(), "b".to_owned()]).await.unwrap();
        assert_eq!(account.call_owner(&opened[1]).await.unwrap(), "b");
        assert_eq!(accounts(&guest).await, 2);
        drop(opened);
        assert_eq!(accounts(&guest).await, 0);
    }

    async fn an_error_of_a_guests_is_an_error(backend) {
        let guest = host::instantiate(backend).await;
        let refused = app(&guest).call_refuse().await.unwrap();
        let error: Box<dyn std::error::Error> = Box::new(refused.unwrap_err());
        assert_eq!(error.to_string(), "Lost");
    }

    async fn a_trap_ends_everybodys_calls(backend) {
        let guest = host::instantiate(backend).await;
        let (waiting, trapped) = tokio::join!(app(&guest).call_never(), app(&guest).call_trap());
        for died in [waiting, trapped, app(&guest).call_trap().await] {
            let reason = format!("{:#}", died.unwrap_err().reason());
            assert!(reason.contains("unreachable"), "{reason}");
        }
        assert!(guest.instance().died().await.is_some());
        assert!(guest.instance().with(|_| ()).await.is_err());
    }

    async fn an_error_of_the_hosts_ends_the_instance(backend) {
        let guest = host::instantiate(backend).await;
        let died = guest.call_greet("bad".to_owned()).await.unwrap_err();
        assert!(format!("{:#}", died.reason()).contains("the log is full"), "{died}");
    }

    async fn a_call_can_be_given_up(backend) {
        let guest = host::instantiate(backend).await;
        let given_up = tokio::time::timeout(Duration::from_millis(20), app(&guest).call_never());
        assert!(given_up.await.is_err());
        // The instance goes on.
        assert_eq!(app(&guest).call_double(4).await.unwrap(), 8);
        // Natively nothing can be cancelled from outside: the guest's task goes on.
        if backend == Backend::Isyswasfa {
            let state = guest.instance().with(|state| state.services.given_up());
            assert_eq!(state.await.unwrap(), 1);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_split_component_on_an_engine_for_both() {
    let guest = host::instantiate_on_async_engine(Backend::Isyswasfa).await;
    let checked = app(&guest).call_check("everything".to_owned());
    assert_eq!(within("the call", checked).await.unwrap(), "3 true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_component_on_either_engine() {
    plain::check(Features::Plain).await;
    plain::check(Features::Async).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_of_another_world_is_refused() {
    for backend in Backend::BUILT {
        let error = host::instantiate_other(backend, "functions")
            .await
            .err()
            .unwrap();
        assert!(
            format!("{error:#}").contains("does not export"),
            "{error:#}"
        );
    }
}
