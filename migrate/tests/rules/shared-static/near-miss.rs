use std::sync::{Mutex, OnceLock};
use wasip3::exports::http::handler::Guest;

static PATTERNS: OnceLock<Vec<String>> = OnceLock::new();
const LIMIT: usize = 10;

struct App {
    state: Mutex<u32>,
}

impl Guest for App {}
