//! The other end of the pipes of `rules`.
// What wit-bindgen makes natively of payloads without a value.
#![allow(clippy::unnecessary_operation)]

#[path = "../../rules/src/script.rs"]
mod script;

use exports::t::rules::checks::Guest;
use script::{Payload, Steps};
use t::rules::peer::{self, Thing};

wit_bindgen::generate!({ world: "rules-consumer", path: "../rules/wit" });

struct Consumer;

export!(Consumer);

struct Peers;

impl Steps for Peers {
    fn step(&self) {
        peer::step();
    }

    async fn reach(&self, step: u32) {
        peer::reach(step).await
    }
}

impl Payload for Thing {
    fn numbered(number: u32) -> Thing {
        Thing::new(number)
    }

    fn number(&self) -> Option<u32> {
        Some(self.number())
    }
}

/// Runs both scripts: `new` makes a pipe, `ours_write` and `ours_read` run a script here, the others at the peer.
macro_rules! check {
    ($call:ident, $new:expr, $ours_write:path, $ours_read:path, $read:ident, $write:ident, $pass:ident) => {{
        let Call {
            writes,
            passed,
            writer: writer_script,
            reader: reader_script,
        } = $call;
        let pass = |reader| if passed { peer::$pass(reader) } else { reader };
        if writes {
            let (writer, reader) = $new;
            let read = peer::$read(pass(reader), reader_script);
            let write = $ours_write(writer, &writer_script, &Peers);
            futures::future::join(write, read).await
        } else {
            let reader = pass(peer::$write(writer_script).await);
            let read = $ours_read(reader, &reader_script, &Peers).await;
            (peer::log().await, read)
        }
    }};
}

struct Call {
    writes: bool,
    passed: bool,
    writer: String,
    reader: String,
}

impl Guest for Consumer {
    async fn check(
        kind: String,
        writes: bool,
        passed: bool,
        writer: String,
        reader: String,
    ) -> (String, String) {
        peer::reset();
        let call = Call {
            writes,
            passed,
            writer,
            reader,
        };
        use script::{read, read_future, write, write_future};
        match kind.as_str() {
            "bytes" => check!(
                call,
                wit_stream::new::<u8>(),
                write,
                read,
                read_bytes,
                write_bytes,
                pass_bytes
            ),
            "numbers" => check!(
                call,
                wit_stream::new::<u32>(),
                write,
                read,
                read_numbers,
                write_numbers,
                pass_numbers
            ),
            "texts" => check!(
                call,
                wit_stream::new::<String>(),
                write,
                read,
                read_texts,
                write_texts,
                pass_texts
            ),
            "things" => check!(
                call,
                wit_stream::new::<Thing>(),
                write,
                read,
                read_things,
                write_things,
                pass_things
            ),
            "nothings" => check!(
                call,
                wit_stream::new::<()>(),
                write,
                read,
                read_nothings,
                write_nothings,
                pass_nothings
            ),
            "text" => check!(
                call,
                wit_future::new(|| String::numbered(99)),
                write_future,
                read_future,
                read_text,
                write_text,
                pass_text
            ),
            "thing" => check!(
                call,
                wit_future::new(|| Thing::numbered(99)),
                write_future,
                read_future,
                read_thing,
                write_thing,
                pass_thing
            ),
            kind => panic!("no kind `{kind}`"),
        }
    }
}
