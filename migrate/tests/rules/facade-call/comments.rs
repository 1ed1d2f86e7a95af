use compat_api::p2::io::poll::{Pollable, poll};

pub async fn either(a: &Pollable, b: &Pollable) -> u32 {
    // Which of them?
    let ready = poll(&[a, /* or */ b]).await;
    a.ready(); // isyswasfa: allow(facade-call) only for the log
    ready[0]
}
