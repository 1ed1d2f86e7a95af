//! An HTTP service that has naps taken by another component, and answers other requests meanwhile.

use compat_api::clocks::monotonic_clock;
use compat_api::http::types::{ErrorCode, Request, Response};
use compat_api::http_compat::{http_from_wasi_request, http_into_wasi_response};
use futures::future::{join_all, select};
use std::pin::pin;
use tests::naps::naps::{self, Nap};

wit_bindgen::generate!({ world: "async-caller", path: "../naps-waiting/wit" });

struct Caller;

compat_api::http::service::export!(Caller);

const MILLISECOND: u64 = 1_000_000;

impl compat_api::exports::http::handler::Guest for Caller {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let request = http_from_wasi_request(request)?;
        let path = request.uri().path().to_owned();
        let words: Vec<_> = path.split('/').skip(1).collect();
        let number = |at: usize| {
            words
                .get(at)
                .and_then(|word: &&str| word.parse().ok())
                .unwrap_or(0)
        };
        let text = match words[0] {
            // `/naps/COUNT/MILLISECONDS`: so many at once, each with its number among all.
            "naps" => {
                let naps = (0..number(1)).map(|at| nap(format!("nap {at}"), number(2)));
                join_all(naps).await.join(", ")
            }
            "nobody" => nap(String::new(), 1).await,
            "too-long" => nap("nap".into(), 10_000).await,
            "rest" => {
                naps::rest(number(1)).await;
                "rested".into()
            }
            // `/give-up/MILLISECONDS`: begins to wait for a nap of a second, and does not wait for its end.
            "give-up" => {
                let long = pin!(nap("given up".into(), 1000));
                let patience = u64::from(number(1)) * MILLISECOND;
                select(long, pin!(monotonic_clock::wait_for(patience))).await;
                "gave up".into()
            }
            "doze" => doze(number(1)).await.to_string(),
            "count" => naps::count().to_string(),
            "oversleep" => naps::oversleep().await.to_string(),
            _ => "awake".into(),
        };
        http_into_wasi_response(http::Response::new(text))
    }
}

async fn nap(who: String, milliseconds: u32) -> String {
    match naps::take(Nap { who, milliseconds }).await {
        Ok(number) => number.to_string(),
        Err(refused) => format!("{refused:?}"),
    }
}
