//! `wasi:cli/environment` and `wasi:cli/exit`.

use crate::Adapter;
use crate::bindings::p2::cli as p2;
use crate::bindings::p3::cli::{environment, exit};

impl environment::Guest for Adapter {
    fn get_environment() -> Vec<(String, String)> {
        p2::environment::get_environment()
    }

    fn get_arguments() -> Vec<String> {
        p2::environment::get_arguments()
    }

    fn get_initial_cwd() -> Option<String> {
        p2::environment::initial_cwd()
    }
}

impl exit::Guest for Adapter {
    fn exit(status: Result<(), ()>) {
        p2::exit::exit(status);
    }

    /// 0.2.0 knows success and failure only.
    fn exit_with_code(status_code: u8) {
        p2::exit::exit(if status_code == 0 { Ok(()) } else { Err(()) });
    }
}
