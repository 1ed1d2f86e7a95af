//! A command with an executor of its own: tasks wait for pollables, and one call of `poll` waits for all of them.

mod reactor;
mod tasks;

use crate::reactor::{Reactor, block_on, sleep};
use std::rc::Rc;
use wasip2::exports::cli::run::Guest;

struct Program;

wasip2::cli::command::export!(Program);

impl Guest for Program {
    fn run() -> Result<(), ()> {
        let reactor = Rc::new(Reactor::new());
        let outcome = block_on(&reactor, program(reactor.clone()));
        println!("waited {} times", reactor.rounds());
        match outcome {
            Ok(lines) if lines > 0 => Ok(()),
            _ => Err(()),
        }
    }
}

/// Two tasks that sleep, one after the other, and the lines of the standard input between them.
async fn program(reactor: Rc<Reactor>) -> Result<usize, String> {
    sleep(&reactor, 5_000_000).await;
    let lines = tasks::count_lines(&reactor).await?;
    tasks::tick(&reactor, 3).await;
    println!("{lines} lines");
    Ok(lines)
}
