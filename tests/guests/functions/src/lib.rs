//! Functions to be called one by one.

use compat_api::clocks::monotonic_clock;

wit_bindgen::generate!({ world: "functions", path: "wit" });

use exports::test::functions::greetings::{Failure, Greeting, Guest as Greetings};
use wit_bindgen::StreamReader;

struct Functions;

export!(Functions);

const MILLISECOND: u64 = 1_000_000;

impl Greetings for Functions {
    async fn greet(who: String, times: Option<u32>) -> Result<Vec<Greeting>, Failure> {
        let times = times.unwrap_or(1);
        if who.is_empty() {
            return Err(Failure::Nobody);
        }
        if times > 3 {
            return Err(Failure::TooMany(times));
        }
        let mut greetings = Vec::new();
        for number in 0..times {
            monotonic_clock::wait_for(5 * MILLISECOND).await;
            greetings.push(Greeting {
                text: format!("hello, {who}"),
                loud: number > 0,
            });
        }
        Ok(greetings)
    }

    fn add(a: i32, b: i32) -> i32 {
        a + b
    }

    async fn nothing() {}

    fn streamed() -> StreamReader<u8> {
        wit_stream::new().1
    }
}

impl Guest for Functions {
    async fn ready((number, letter): (f64, char)) -> (char, f64) {
        (letter, number)
    }
}
