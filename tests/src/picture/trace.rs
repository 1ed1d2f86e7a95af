//! Reads a trace of `polyfill-host`, and checks what viewers of Chrome's trace events rely on.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::HashMap;
use std::path::Path;

/// The events of a trace; times are in microseconds.
#[derive(Debug, Default)]
pub struct Trace {
    pub slices: Vec<Slice>,
    pub instants: Vec<Instant>,
    pub arrows: Vec<Arrow>,
}

/// A slice: something with a duration.
#[derive(Debug)]
pub struct Slice {
    pub row: Row,
    pub name: String,
    pub begin: f64,
    pub end: f64,
    pub args: Value,
}

/// An instant: something without a duration.
#[derive(Debug)]
pub struct Instant {
    pub row: Row,
    pub name: String,
    pub at: f64,
    pub args: Value,
}

/// An arrow from a slice to another one.
#[derive(Debug)]
pub struct Arrow {
    pub name: String,
    pub from: (Row, f64),
    pub to: (Row, f64),
}

/// A row of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    pub instance: u64,
    pub name: String,
}

impl Trace {
    /// Reads a trace that was finished.
    ///
    /// # Errors
    /// If it does not have the form that viewers need: each row has a name, slices of a row lie beside or within each other,
    /// and each arrow leads from a slice to one that is not earlier.
    pub fn read(file: &Path) -> Result<Trace> {
        let failed = || format!("failed to read the trace `{}`", file.display());
        let json = std::fs::read(file).with_context(failed)?;
        let events: Vec<Value> = serde_json::from_slice(&json).with_context(failed)?;
        let trace = Trace::of(&events)?;
        trace.check()?;
        Ok(trace)
    }

    fn of(events: &[Value]) -> Result<Trace> {
        let mut names = HashMap::new();
        for event in events {
            if event["ph"] == "M" && event["name"] == "thread_name" {
                names.insert(track(event)?, text(&event["args"]["name"])?);
            }
        }
        let row = |event: &Value| {
            let (instance, number) = track(event)?;
            let name = names.get(&(instance, number));
            let name = name.with_context(|| format!("the row of {event} has no name"))?;
            anyhow::Ok(Row {
                instance,
                name: name.clone(),
            })
        };
        let mut trace = Trace::default();
        let mut begun: HashMap<u64, (Row, f64)> = HashMap::new();
        for event in events {
            let phase = event["ph"].as_str().unwrap_or_default();
            match phase {
                "M" => {}
                "X" => {
                    let begin = number(&event["ts"])?;
                    trace.slices.push(Slice {
                        row: row(event)?,
                        name: text(&event["name"])?,
                        begin,
                        end: begin + number(&event["dur"])?,
                        args: event["args"].clone(),
                    });
                }
                "i" => trace.instants.push(Instant {
                    row: row(event)?,
                    name: text(&event["name"])?,
                    at: number(&event["ts"])?,
                    args: event["args"].clone(),
                }),
                "s" | "f" => {
                    let id = event["id"].as_u64().context("an arrow without number")?;
                    let end = (row(event)?, number(&event["ts"])?);
                    if phase == "s" {
                        ensure!(begun.insert(id, end).is_none(), "arrow {id} begins twice");
                        continue;
                    }
                    let from = begun.remove(&id);
                    trace.arrows.push(Arrow {
                        name: text(&event["name"])?,
                        from: from.with_context(|| format!("arrow {id} ends before it begins"))?,
                        to: end,
                    });
                }
                other => bail!("an event of the unknown kind `{other}`"),
            }
        }
        ensure!(begun.is_empty(), "arrows without an end: {begun:?}");
        Ok(trace)
    }

    fn check(&self) -> Result<()> {
        let mut rows: HashMap<&Row, Vec<&Slice>> = HashMap::new();
        for slice in &self.slices {
            rows.entry(&slice.row).or_default().push(slice);
        }
        for slices in rows.values_mut() {
            slices.sort_by(|a, b| a.begin.total_cmp(&b.begin).then(b.end.total_cmp(&a.end)));
            let mut open: Vec<&Slice> = Vec::new();
            for slice in slices {
                open.retain(|outer| outer.end > slice.begin + ROUNDING);
                if let Some(outer) = open.last() {
                    ensure!(
                        slice.end <= outer.end + ROUNDING,
                        "{slice:?} begins within {outer:?} and ends after it"
                    );
                }
                open.push(slice);
            }
        }
        for arrow in &self.arrows {
            let backwards = arrow.from.1 > arrow.to.1;
            ensure!(!backwards, "{arrow:?} leads into the past");
            for (row, at) in [&arrow.from, &arrow.to] {
                let at_end =
                    |slice: &&&Slice| slice.begin <= at + ROUNDING && slice.end >= at - ROUNDING;
                let on = rows.get(row).into_iter().flatten().find(at_end);
                ensure!(on.is_some(), "{arrow:?} touches no slice at {at}");
            }
        }
        Ok(())
    }
}

/// Times are rounded to nanoseconds, so sums are a little off.
const ROUNDING: f64 = 0.000_9;

fn track(event: &Value) -> Result<(u64, u64)> {
    let number = |name: &str| {
        let number = event[name].as_u64();
        number.with_context(|| format!("{event} has no `{name}`"))
    };
    Ok((number("pid")?, number("tid")?))
}

fn number(value: &Value) -> Result<f64> {
    value
        .as_f64()
        .with_context(|| format!("{value} is no time"))
}

fn text(value: &Value) -> Result<String> {
    let text = value
        .as_str()
        .with_context(|| format!("{value} is no name"))?;
    Ok(text.to_owned())
}
