//! The program `isyswasfa-migrate`, run in a folder, and what it answers.

#![allow(dead_code, reason = "each test takes a part of it")]

use std::path::Path;
use std::process::{Command, Output};

pub fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_isyswasfa-migrate"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
