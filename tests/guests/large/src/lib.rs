//! One end of large streams of each kind of payload. It has the resource, so that in the split ABI it implements the pipes of
//! those.
// What wit-bindgen makes natively of payloads without a value.
#![allow(clippy::unnecessary_operation)]

mod ends;

use ends::Payload;
use exports::t::large::peer::{Guest, GuestThing, Point, Thing as OwnThing};
use wit_bindgen::{StreamReader, spawn_local};

wit_bindgen::generate!("large");

struct Large;

export!(Large);

struct Thing(u32);

impl GuestThing for Thing {
    fn new(number: u32) -> Thing {
        Thing(number)
    }

    fn number(&self) -> u32 {
        self.0
    }
}

impl Payload for OwnThing {
    fn numbered(number: u32) -> OwnThing {
        OwnThing::new(Thing(number))
    }

    fn is(&self, number: u32) -> bool {
        self.get::<Thing>().0 == number
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

/// The functions of a kind of streams.
macro_rules! streams {
    ($($payload:ty: $read:ident $write:ident)*) => {$(
        async fn $read(source: StreamReader<$payload>, how: String) -> String {
            ends::read(source, &how).await
        }

        async fn $write(count: u32, how: String) -> StreamReader<$payload> {
            let (writer, reader) = wit_stream::new();
            spawn_local(async move { ends::write::<$payload>(writer, count, &how).await });
            reader
        }
    )*};
}

impl Guest for Large {
    type Thing = Thing;

    streams! {
        u8: read_bytes write_bytes
        u32: read_numbers write_numbers
        String: read_texts write_texts
        Point: read_points write_points
        OwnThing: read_things write_things
        (): read_nothings write_nothings
    }
}
