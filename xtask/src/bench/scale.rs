//! The rows of scale: many requests at once, many instances, and the start.

use super::http::servers;
use super::load::{Answered, Load};
use super::row::{Row, Spec};
use super::server::{Serve, first_answer};
use super::sides::{Sides, in_turns};
use super::{Bench, rows};
use anyhow::Result;

/// Options of both servers with which that many requests are at work at once.
fn wide(bench: &Bench, connections: u32) -> Result<Sides<Serve>> {
    let mut sides = servers(bench, "bench-wait")?;
    let number = (2 * connections).to_string();
    sides.ours.options = [
        "--max-concurrent-connections",
        "--max-concurrent-requests-per-client",
    ]
    .iter()
    .flat_map(|option| [(*option).to_owned(), number.clone()])
    .collect();
    Ok(sides)
}

/// So many requests at once, each of which waits 100 ms: how many a second, the latency, and the most memory.
fn at_once(bench: &Bench, connections: u32, specs: &[Spec]) -> Result<Vec<Row>> {
    let load = Load {
        connections,
        ..Load::new(bench.seconds().max(3))
    };
    let measured = in_turns(bench.few_rounds(), &wide(bench, connections)?, |serve| {
        let server = serve.start()?;
        let Answered { rate, p99 } = load.run(&server)?;
        Ok([rate, p99, server.memory("VmHWM")?])
    })?;
    Ok(rows(specs, measured))
}

pub fn at_once_100(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    at_once(bench, 100, specs)
}

pub fn at_once_1000(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    at_once(bench, 1000, specs)
}

pub fn at_once_10000(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    at_once(bench, 9900, specs)
}

/// From the start of the server to its first answer, without and with the cache of compiled code.
pub fn cold(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let cache = bench.folder.join("cache");
    let mut sides = servers(bench, "bench-hello")?;
    for (side, name) in [
        (Some(&mut sides.ours), "ours"),
        (sides.native.as_mut(), "native"),
    ] {
        if let Some(side) = side {
            side.environment = vec![("XDG_CACHE_HOME", cache.join(name))];
        }
    }
    let measured = in_turns(bench.many_rounds(), &sides, |serve| {
        let without = first_answer(&serve.clone().with(&["-C", "cache=n"]))?;
        first_answer(serve)?;
        Ok([without, first_answer(serve)?])
    })?;
    Ok(rows(specs, measured))
}

/// A new instance for each request.
pub fn instances(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let sides = servers(bench, "bench-hello")?
        .map(|serve| serve.clone().with(&["--max-instance-reuse-count", "1"]));
    let measured = super::http::measure(bench, &sides, &Load::new(bench.seconds()))?;
    Ok(rows(specs, measured))
}

/// What a server has in memory when 900 instances have answered and are kept.
pub fn idle(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let load = Load {
        connections: 900,
        ..Load::new(1)
    };
    let sides = wide(bench, load.connections)?.map(|serve| {
        serve.clone().with(&[
            "--max-instance-concurrent-reuse-count",
            "1",
            "--idle-instance-timeout",
            "60s",
        ])
    });
    let measured = in_turns(bench.few_rounds(), &sides, |serve| {
        let server = serve.start()?;
        load.run(&server)?;
        Ok([server.memory("VmRSS")?])
    })?;
    Ok(rows(specs, measured))
}
