//! One program for each package of WASI 0.2: the first argument says which.

mod cli;
mod client;
mod clocks;
mod files;
mod io;
mod random;
mod reactor;
mod report;
mod tcp;
mod udp;

use crate::p2;
use p2::cli::environment::get_arguments;
use report::Report;

struct Program;

p2::cli::command::export!(Program);

impl p2::exports::cli::run::Guest for Program {
    waiting! {
        fn run() -> Result<(), ()> {
            let arguments = get_arguments();
            let mut report = Report::default();
            match arguments.get(1).map(String::as_str) {
                Some("cli") => cli::check(&mut report),
                Some("exit") => p2::cli::exit::exit(Err(())),
                Some("exit-with-code") => p2::cli::exit::exit_with_code(3),
                Some("clocks") => wait!(clocks::check(&mut report)),
                Some("random") => random::check(&mut report),
                Some("poll") => wait!(io::poll(&mut report)),
                Some("input") => wait!(io::input(&mut report)),
                Some("output") => wait!(io::output(&mut report)),
                Some("splice") => return wait!(io::splice()),
                Some("too-much") => wait!(io::too_much()),
                Some("too-long") => wait!(io::too_long()),
                Some("no-pollables") => wait!(io::no_pollables()),
                Some("reactor") => wait!(reactor::check(&mut report)),
                Some("std") => wait!(io::std_traits(&mut report)),
                Some("files") => wait!(files::check(&mut report)),
                Some("tcp") => wait!(tcp::check(&mut report)),
                Some("udp") => wait!(udp::check(&mut report)),
                Some("client") => wait!(client::check(&mut report, &arguments[2])),
                program => panic!("no program {program:?}"),
            }
            wait!(report.print())
        }
    }
}
