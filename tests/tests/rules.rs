//! The rules of streams and futures, one test for each: the guests `rules` and `rules-consumer` have an end each, and do with it
//! what a script says (its words: `tests/guests/rules/src/script.rs`). On both backends, for payloads of every kind, whichever of
//! the components writes, and with readers that were passed on first.

use isyswasfa_tests::{Backend, Embedder, composable, compose, on_every_backend, within};

const CHECKS: &str = "t:rules/checks@1.0.0";

/// Bytes, what has no pointers, what has, and handles.
const STREAMS: &[&str] = &["bytes", "numbers", "texts", "things"];
const FUTURES: &[&str] = &["text", "thing"];

/// Runs both scripts for all kinds, and expects of each what it says.
async fn rule(backend: Backend, kinds: &[&str], writer: (&str, &str), reader: (&str, &str)) {
    let [consumer, peer] =
        ["rules-consumer", "rules"].map(|name| std::fs::read(composable(name, backend)).unwrap());
    let composed = compose(&consumer, &peer).unwrap();
    let embedder = Embedder::new(backend).unwrap();
    let instance = embedder.instantiate(&composed).await.unwrap();
    for kind in kinds {
        for (writes, passed) in [(true, false), (true, true), (false, false), (false, true)] {
            let what = format!("{kind}, writes: {writes}, passed: {passed}");
            let params = (
                kind.to_string(),
                writes,
                passed,
                writer.0.to_owned(),
                reader.0.to_owned(),
            );
            let called = instance.call::<_, ((String, String),)>(CHECKS, "check", params);
            let ((wrote, read),) = within(&what, called).await.unwrap();
            assert_eq!((&*wrote, &*read), (writer.1, reader.1), "{what}");
        }
    }
}

on_every_backend! {
    async fn a_write_is_done_when_a_reader_has_taken_from_it(backend) {
        let writer = ("offer:3 step finish", "complete 2, left 1");
        let reader = ("at:1 read:2", "complete 2");
        rule(backend, STREAMS, writer, reader).await;
    }

    async fn a_read_takes_what_there_is(backend) {
        let writer = ("write:1 at:1 write:3", "complete 1, left 0, complete 3, left 0");
        let reader = ("read:10 step read:10", "complete 1, complete 3");
        rule(backend, STREAMS, writer, reader).await;
    }

    async fn items_come_in_order_whatever_is_taken_at_once(backend) {
        let writer = (
            "write:5 step write:4 step write:2",
            "complete 3, left 2, complete 3, left 1, complete 2, left 0",
        );
        let reader = (
            "read:3 at:1 read:3 at:2 read:3",
            "complete 3, complete 3, complete 2",
        );
        rule(backend, STREAMS, writer, reader).await;
    }

    async fn a_write_of_nothing_waits_for_a_reader(backend) {
        let writer = ("offer:0 step finish write:2", "complete 0, left 0, complete 2, left 0");
        let reader = ("at:1 read:5", "complete 2");
        rule(backend, STREAMS, writer, reader).await;
        let writer = ("at:1 write:0 write:2", "complete 0, left 0, complete 2, left 0");
        let reader = ("want:5 step finish", "complete 2");
        rule(backend, STREAMS, writer, reader).await;
    }

    async fn a_read_of_nothing_waits_for_a_writer(backend) {
        let writer = ("at:1 write:2", "complete 2, left 0");
        let reader = ("want:0 step finish read:5", "complete 0, complete 2");
        rule(backend, STREAMS, writer, reader).await;
        let writer = ("offer:2 step finish", "complete 2, left 0");
        let reader = ("at:1 read:0 read:5", "complete 0, complete 2");
        rule(backend, STREAMS, writer, reader).await;
    }

    async fn of_nothing_against_nothing_the_write_is_done(backend) {
        let writer = ("at:1 write:0 write:2", "complete 0, left 0, complete 2, left 0");
        let reader = ("want:0 step finish read:3", "complete 0, complete 2");
        rule(backend, STREAMS, writer, reader).await;
    }

    async fn a_dropped_reader_ends_a_write(backend) {
        let writer = ("offer:2 step finish", "dropped 0, left 2");
        rule(backend, STREAMS, writer, ("at:1 end", "")).await;
    }

    async fn a_write_that_was_taken_in_part_says_so_before_the_reader_was_dropped(backend) {
        let writer = ("offer:4 step finish write:2", "complete 2, left 2, dropped 0, left 2");
        rule(backend, STREAMS, writer, ("at:1 read:2 end", "complete 2")).await;
    }

    async fn a_dropped_writer_ends_a_read(backend) {
        let reader = ("want:2 step finish", "dropped 0");
        rule(backend, STREAMS, ("at:1 end", ""), reader).await;
    }

    async fn a_cancelled_write_keeps_its_items(backend) {
        let writer = ("offer:2 cancel step write:2", "cancelled 0, left 2, complete 2, left 0");
        rule(backend, STREAMS, writer, ("at:1 read:2", "complete 2")).await;
    }

    async fn a_write_that_is_cancelled_late_says_what_was_taken(backend) {
        let writer = ("offer:4 step at:2 cancel", "complete 1, left 3");
        rule(backend, STREAMS, writer, ("at:1 read:1 step", "complete 1")).await;
    }

    async fn a_cancelled_read_takes_nothing(backend) {
        let reader = ("want:3 cancel step read:3", "cancelled 0, complete 2");
        rule(backend, STREAMS, ("at:1 write:2", "complete 2, left 0"), reader).await;
    }

    async fn a_read_that_is_cancelled_late_has_what_came(backend) {
        let reader = ("want:3 step at:2 cancel", "complete 2");
        rule(backend, STREAMS, ("at:1 write:2 step", "complete 2, left 0"), reader).await;
    }

    /// A reader of nothing has room for any number of them.
    async fn a_stream_without_payload_counts(backend) {
        let writer = ("write:3 at:1 write:2", "complete 3, left 0, complete 2, left 0");
        rule(backend, &["nothings"], writer, ("read:0 step read:0", "complete 3, complete 2")).await;
        let writer = ("offer:2 step finish", "dropped 0, left 2");
        rule(backend, &["nothings"], writer, ("at:1 end", "")).await;
    }

    async fn a_future_is_written_when_it_is_read(backend) {
        let writer = ("offer step finish", "written");
        rule(backend, FUTURES, writer, ("at:1 read", "read Some(7)")).await;
        let reader = ("want step finish", "read Some(7)");
        rule(backend, FUTURES, ("at:1 write", "written"), reader).await;
    }

    async fn a_future_whose_writer_is_dropped_has_its_default(backend) {
        rule(backend, FUTURES, ("end", ""), ("read", "read Some(99)")).await;
    }

    async fn a_future_whose_reader_is_dropped_gives_its_value_back(backend) {
        let writer = ("offer step finish", "dropped, Some(7) comes back");
        rule(backend, FUTURES, writer, ("at:1 end", "")).await;
    }

    async fn a_cancelled_write_of_a_future_gives_its_value_back(backend) {
        let writer = ("offer cancel step", "cancelled, Some(7) comes back");
        rule(backend, FUTURES, writer, ("at:1 read", "read Some(99)")).await;
    }

    async fn a_write_of_a_future_that_is_cancelled_late_was_sent(backend) {
        let writer = ("offer step at:2 cancel", "already sent");
        rule(backend, FUTURES, writer, ("at:1 read step", "read Some(7)")).await;
    }

    async fn a_cancelled_read_of_a_future_can_be_begun_again(backend) {
        let reader = ("want cancel step read", "cancelled, read Some(7)");
        rule(backend, FUTURES, ("at:1 write", "written"), reader).await;
    }
}
