//! A command that tries one thing and prints what came of it: its arguments are the probe, `what NUMBER`. See `probe.rs`.

mod exhaust;
mod probe;

use compat_api::cli::{environment, stdout};
use compat_api::exports::cli::run::Guest;
use compat_api::wit_stream;

struct Probe;

compat_api::cli::command::export!(Probe);

impl Guest for Probe {
    async fn run() -> Result<(), ()> {
        let arguments = environment::get_arguments();
        let what = arguments.get(1).map_or("", String::as_str);
        let number = arguments.get(2).and_then(|number| number.parse().ok());
        let text = match what {
            "exhaust" => format!("{:?}", exhaust::exhaust()),
            _ => probe::probe(what, number.unwrap_or(0)).await,
        };
        let (mut out, lines) = wit_stream::new();
        let written = stdout::write_via_stream(lines);
        out.write_all(format!("{text}\n").into_bytes()).await;
        drop(out);
        written.await.map_err(|_| ())
    }
}
