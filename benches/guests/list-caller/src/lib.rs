//! Passes a list of 64 KiB to another component many times, and prints how often and how many nanoseconds that took.

use bench::lists::lists;
use compat_api::cli::{environment, stdout};
use compat_api::clocks::monotonic_clock;
use compat_api::exports::cli::run::Guest;

polyfill_guest::generate!({ world: "bench:lists/caller", path: "../wit-lists" });

struct Caller;

compat_api::cli::command::export!(Caller);

const SIZE: usize = 64 << 10;

impl Guest for Caller {
    async fn run() -> Result<(), ()> {
        let arguments = environment::get_arguments();
        let calls: u64 = arguments
            .get(1)
            .and_then(|count| count.parse().ok())
            .ok_or(())?;
        let begin = monotonic_clock::now();
        for _ in 0..calls {
            if lists::length(vec![b'x'; SIZE]).await != SIZE as u32 {
                return Err(());
            }
        }
        let nanoseconds = monotonic_clock::now() - begin;
        let (mut out, line) = compat_api::wit_stream::new();
        let written = stdout::write_via_stream(line);
        out.write_all(format!("{calls} {nanoseconds}\n").into_bytes())
            .await;
        drop(out);
        written.await.map_err(|_| ())
    }
}
