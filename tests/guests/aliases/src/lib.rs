//! Pipes that only type aliases and records mention, and containers that WASI 0.2 does not know.

use exports::test::aliases::containers::Guest as Containers;
use exports::test::aliases::direct::{Both, Guest, GuestR, R};
use std::collections::BTreeMap;
use wit_bindgen::StreamReader;

wit_bindgen::generate!({ inline: "
    package test:aliases;

    interface direct {
      resource r { n: async func() -> u32; }
      type rs = stream<r>;
      type later = future<list<r>>;
      type named = stream<tuple<string, r>>;
      record both { all: rs, text: string }
      type last = option<future<r>>;
      all: func() -> both;
    }

    interface remote {
      use direct.{r, rs};
      variant parcel { one(r), many(list<tuple<r, string>>), none }
      type parcels = stream<parcel>;
      again: func(s: rs) -> rs;
    }

    interface containers {
      count: async func(m: map<string, u8>) -> u32;
      swap: func(m: map<u32, string>) -> map<string, u32>;
      sum: func(l: list<u32, 3>) -> u32;
      square: func(l: list<u32, 3>) -> list<u32, 3>;
    }

    world w { export direct; export containers; }
" });

struct Component;

export!(Component);

struct Own;

impl Guest for Component {
    type R = Own;

    fn all() -> Both {
        let (tx, all): (_, StreamReader<R>) = wit_stream::new();
        drop(tx);
        Both {
            all,
            text: "both".to_owned(),
        }
    }
}

impl GuestR for Own {
    async fn n(&self) -> u32 {
        1
    }
}

impl Containers for Component {
    async fn count(m: BTreeMap<String, u8>) -> u32 {
        m.len() as u32
    }

    fn swap(m: BTreeMap<u32, String>) -> BTreeMap<String, u32> {
        m.into_iter().map(|(key, value)| (value, key)).collect()
    }

    fn sum(l: [u32; 3]) -> u32 {
        l.iter().sum()
    }

    fn square(l: [u32; 3]) -> [u32; 3] {
        l.map(|n| n * n)
    }
}
