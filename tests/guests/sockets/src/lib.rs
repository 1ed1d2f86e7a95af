//! The rules of `wasi:sockets`, one line of output for each: what was tried, and what it came to. All of it happens on the
//! loopback interface. With the argument `denied`: what is left to a program that may use no network.

mod address;
mod denied;
mod lookup;
mod tcp;
mod tcp_options;
mod tcp_transfer;
mod udp;

use compat_api::cli::{environment, stdout};
use compat_api::exports::cli::run::Guest;
use compat_api::sockets::types::ErrorCode;
use compat_api::wit_stream;
use std::fmt::{Debug, Write};

struct Sockets;

compat_api::cli::command::export!(Sockets);

impl Guest for Sockets {
    async fn run() -> Result<(), ()> {
        let mut report = Report::default();
        if environment::get_arguments()
            .iter()
            .any(|argument| argument == "denied")
        {
            denied::check(&mut report).await;
        } else {
            // Each group of rules is printed when it is through: who hangs, hangs there.
            tcp::check(&mut report).await;
            report.print().await?;
            tcp_options::check(&mut report).await;
            report.print().await?;
            tcp_transfer::check(&mut report).await;
            report.print().await?;
            udp::check(&mut report).await;
            report.print().await?;
            lookup::check(&mut report).await;
        }
        report.print().await
    }
}

/// What was found out.
#[derive(Default)]
struct Report {
    text: String,
}

impl Report {
    fn line(&mut self, what: &str, came_to: impl Debug) {
        writeln!(self.text, "{what}: {came_to:?}").expect("a string takes all");
    }

    async fn print(&mut self) -> Result<(), ()> {
        let (mut out, text) = wit_stream::new();
        let written = stdout::write_via_stream(text);
        out.write_all(std::mem::take(&mut self.text).into_bytes())
            .await;
        drop(out);
        written.await.map_err(|_| ())
    }

    /// Only whether it went well: what it is, is not for all to agree on.
    fn outcome<T>(&mut self, what: &str, came_to: Result<T, ErrorCode>) {
        self.line(what, came_to.map(drop));
    }
}
