use std::sync::Mutex;
use wasip3::exports::http::handler::Guest;

static LAST: Mutex<Option<String>> = Mutex::new(None);
static mut COUNT: u32 = 0;

struct App;

impl Guest for App {}
