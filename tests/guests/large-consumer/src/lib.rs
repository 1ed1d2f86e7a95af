//! The other end of the streams of `large`.
// What wit-bindgen makes natively of payloads without a value.
#![allow(clippy::unnecessary_operation)]

#[path = "../../large/src/ends.rs"]
mod ends;

use ends::Payload;
use exports::t::large::checks::Guest;
use t::large::peer::{self, Point, Thing};

wit_bindgen::generate!({ world: "large-consumer", path: "../large/wit" });

struct Consumer;

export!(Consumer);

impl Payload for Thing {
    fn numbered(number: u32) -> Thing {
        Thing::new(number)
    }

    fn is(&self, number: u32) -> bool {
        self.number() == number
    }
}

impl Payload for Point {
    fn numbered(number: u32) -> Point {
        Point {
            number,
            name: number.to_string(),
        }
    }

    fn is(&self, number: u32) -> bool {
        self.number == number && self.name == number.to_string()
    }
}

macro_rules! check {
    ($payload:ty: $read:ident $write:ident; $writes:ident, $count:ident, $how:ident, $read_how:ident) => {
        if $writes {
            let (writer, reader) = wit_stream::new::<$payload>();
            let read = peer::$read(reader, $read_how);
            let write = ends::write(writer, $count, &$how);
            futures::future::join(write, read).await.1
        } else {
            let reader = peer::$write($count, $how).await;
            ends::read(reader, &$read_how).await
        }
    };
}

impl Guest for Consumer {
    async fn check(kind: String, writes: bool, count: u32, how: String, read: String) -> String {
        match kind.as_str() {
            "bytes" => check!(u8: read_bytes write_bytes; writes, count, how, read),
            "numbers" => check!(u32: read_numbers write_numbers; writes, count, how, read),
            "texts" => check!(String: read_texts write_texts; writes, count, how, read),
            "points" => check!(Point: read_points write_points; writes, count, how, read),
            "things" => check!(Thing: read_things write_things; writes, count, how, read),
            "nothings" => check!((): read_nothings write_nothings; writes, count, how, read),
            kind => panic!("no kind `{kind}`"),
        }
    }
}
