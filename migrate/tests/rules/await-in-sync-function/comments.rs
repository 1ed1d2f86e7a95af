use wasip3::clocks::monotonic_clock;

/// Pauses.
pub /* of course */ fn /* a */ pause( /* nothing */ ) {
    // Waits.
    monotonic_clock::wait_for(1) /* a bit */ . await;
}

async fn f() {
    /* first */ pause( /* now */ ) /* then */; // pause()
}
