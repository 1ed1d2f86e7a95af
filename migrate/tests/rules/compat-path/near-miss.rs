use wasip3::clocks::monotonic_clock;

mod compat {
    pub fn api() {}
}

fn f() {
    // compat_api::random
    compat::api();
    let compat_api = "compat_api";
}
