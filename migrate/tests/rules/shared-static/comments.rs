use std::sync::Mutex;
use wasip3::exports::http::handler::Guest;

// static A: Mutex<u8>
static /* it */ LAST: /* a Mutex */ Mutex<u8> = Mutex::new(0); // shared

struct App;

impl Guest for App {}
