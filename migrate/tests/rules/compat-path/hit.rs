use compat_api::{clocks::monotonic_clock, wit_stream};
use polyfill_guest as bindgen;

fn f() -> compat_api::http::types::Method {
    println!("{:?}", compat_api::random::random::get_random_u64());
    todo!()
}
