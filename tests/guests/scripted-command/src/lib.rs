//! Follows the script that is its argument, and prints what each line came to. A line is a word that says what to do, and more
//! words, in which `%41` is an `A`.

mod fields;
mod files;
mod input;
mod judge;
mod send;
mod words;

use compat_api::cli::{environment, stdout};
use compat_api::exports::cli::run::Guest;
use compat_api::random::{insecure, random};
use compat_api::wit_stream;
use std::fmt::Write;
use words::Line;

struct Scripted;

compat_api::cli::command::export!(Scripted);

impl Guest for Scripted {
    async fn run() -> Result<(), ()> {
        let script = environment::get_arguments().pop().ok_or(())?;
        let mut report = String::new();
        for text in script.lines() {
            let line = Line::new(text);
            let came_to = follow(&line).await;
            // A line may be long.
            let shown: String = text.chars().take(100).collect();
            writeln!(report, "{shown} => {came_to}").map_err(|_| ())?;
        }
        let (mut out, text) = wit_stream::new();
        let written = stdout::write_via_stream(text);
        out.write_all(report.into_bytes()).await;
        drop(out);
        written.await.map_err(|_| ())
    }
}

async fn follow(line: &Line) -> String {
    match line.what() {
        "method" => judge::method(line),
        "scheme" => judge::scheme(line),
        "path" => judge::path(line),
        "authority" => judge::authority(line),
        "status" => judge::status(line),
        "timeout" => judge::timeout(line),
        "fields" => fields::each(line),
        "list" => fields::list(line),
        "send" => send::send(line).await,
        "unsent" => send::unsent(line).await,
        "stdin" => input::one_after_the_other(line).await,
        "stdin-both" => input::both(line).await,
        "file" => files::file(line).await,
        "random" => random::get_random_bytes(line.number(1)).len().to_string(),
        "insecure" => insecure::get_insecure_random_bytes(line.number(1))
            .len()
            .to_string(),
        other => format!("`{other}` is nothing that can be done"),
    }
}
