//! Standard input through several streams.

use crate::words::Line;
use compat_api::cli::stdin;
use std::fmt::Write;

/// A stream for each word: reads so many bytes, or `all`, and drops it.
pub async fn one_after_the_other(line: &Line) -> String {
    let mut report = String::new();
    let mut at = 1;
    while let Some(word) = line.text(at) {
        let (mut stream, ended) = stdin::read_via_stream();
        let bytes = match word.parse() {
            Ok(most) => {
                let mut bytes = Vec::new();
                while bytes.len() < most {
                    let some = stream.read(Vec::with_capacity(most - bytes.len())).await.1;
                    if some.is_empty() {
                        break;
                    }
                    bytes.extend(some);
                }
                drop(stream);
                bytes
            }
            Err(_) => stream.collect().await,
        };
        write!(report, "{} {:?}; ", bytes.escape_ascii(), ended.await).expect("a string takes all");
        at += 1;
    }
    report
}

/// Two streams at once: so many bytes of the first, then the rest of the second while the first is still there.
pub async fn both(line: &Line) -> String {
    let (mut first, _ended) = stdin::read_via_stream();
    let (second, ended) = stdin::read_via_stream();
    let some = first
        .read(Vec::with_capacity(line.number(1) as usize))
        .await
        .1;
    let rest = second.collect().await;
    let ended = ended.await;
    drop(first);
    format!("{} {} {ended:?}", some.escape_ascii(), rest.escape_ascii())
}
