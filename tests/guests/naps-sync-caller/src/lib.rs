//! A command of WASI 0.2 that has naps taken by another component: a line for each argument, milliseconds or who. Passes on
//! naps of others, too.

use exports::tests::naps::naps as passed;
use tests::naps::naps::{self, Nap};
use wasip2::cli::{environment, stdout};
use wasip2::exports::cli::run;

wit_bindgen::generate!({ world: "sync-caller", path: "../naps-blocking/wit" });

struct Caller;

wasip2::cli::command::export!(Caller);
export!(Caller);

impl run::Guest for Caller {
    fn run() -> Result<(), ()> {
        for argument in environment::get_arguments().into_iter().skip(1) {
            let line = match (argument.as_str(), argument.parse()) {
                ("oversleep", _) => naps::oversleep().to_string(),
                ("doze", _) => doze(10).to_string(),
                ("count", _) => naps::count().to_string(),
                ("rest", _) => format!("{:?}", naps::rest(1)),
                (_, Ok(milliseconds)) => take("somebody", milliseconds),
                (who, Err(_)) => take(who, 1),
            };
            let line = format!("{argument}: {line}\n");
            let written = stdout::get_stdout().blocking_write_and_flush(line.as_bytes());
            written.map_err(|_| ())?;
        }
        Ok(())
    }
}

impl passed::Guest for Caller {
    fn take(nap: passed::Nap) -> Result<u32, passed::Refused> {
        let nap = Nap {
            who: nap.who,
            milliseconds: nap.milliseconds,
        };
        naps::take(&nap).map_err(|refused| match refused {
            naps::Refused::Nobody => passed::Refused::Nobody,
            naps::Refused::TooLong(milliseconds) => passed::Refused::TooLong(milliseconds),
        })
    }

    fn rest(milliseconds: u32) {
        naps::rest(milliseconds);
    }

    fn count() -> u32 {
        naps::count()
    }

    fn oversleep() -> u32 {
        naps::oversleep()
    }
}

impl crate::Guest for Caller {
    fn doze(milliseconds: u32) -> u32 {
        doze(milliseconds)
    }
}

fn take(who: &str, milliseconds: u32) -> String {
    let who = who.trim_matches('-').to_owned();
    format!("{:?}", naps::take(&Nap { who, milliseconds }))
}
