//! A second binding, with the types of the first one: what it exports is found in an instance that is there already.

use super::host::{self, Counter};
use isyswasfa_tests::Backend;

polyfill_host::bindgen!({
    path: "guests/bindings/wit",
    inline: "
        package test:more@1.0.0;
        world more { export test:bindings/app@1.0.0; }
    ",
    with: { "test:bindings": super::host::test::bindings },
});

pub async fn check(backend: Backend) {
    let guest = host::instantiate(backend).await;
    let more = More::new(guest.instance().clone()).await.unwrap();
    drop(guest);
    let app = more.test_bindings_app();
    let echoed = app.call_echo(host::everything()).await.unwrap();
    assert_eq!(echoed, host::everything());
    let counter = app.call_with_counter(Counter::with(1), 2).await.unwrap();
    assert_eq!(counter.value(), 3);
}
