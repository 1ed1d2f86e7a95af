//! The steps of one request, in the order of a trace: who entered which component, and what that told the core.

use super::trace::{Instant, Slice, Trace};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::HashMap;

/// The host's name in steps.
pub const HOST: &str = "host";

/// A step: a component is entered, or an event in the host wakes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub who: String,
    /// The caller that has entered it; `None` for the host's own steps.
    pub by: Option<String>,
    pub what: String,
    /// The number of steps around it.
    pub depth: usize,
}

/// An act: something that a component tells the core, or takes from it, during a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The index of its step.
    pub step: usize,
    pub what: String,
}

/// The beginning of a step, or an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Step(Step),
    Act(Act),
}

/// A link from a waker or waiter to another item, by the indices of items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    pub from: usize,
    pub to: usize,
}

/// A call that was not done at once, by the indices of items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub name: String,
    pub who: String,
    pub made: usize,
    pub ended: usize,
}

/// All steps of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Steps {
    pub items: Vec<Item>,
    /// Links from wakers to woken.
    pub wakes: Vec<Link>,
    pub tasks: Vec<Task>,
}

/// An event of the trace that becomes an item.
enum Source<'a> {
    Entered(&'a Slice),
    /// The host's end of a pipe moves.
    Pumped(&'a Slice),
    /// A function of the host is done.
    Done(String),
    /// A component calls a function of the host that is not done at once.
    Called(&'a Slice),
    Told(&'a Instant),
}

impl Steps {
    /// The steps of the last request in a trace of several, one after the other.
    ///
    /// # Errors
    /// If there is none, or the trace has an act without a step.
    pub fn of_last(trace: &Trace) -> Result<Steps> {
        let starts = trace.slices.iter();
        let last = starts
            .filter(|slice| slice.row.name == HOST && slice.name == "start")
            .map(|slice| slice.begin)
            .reduce(f64::max)
            .context("no request is in the trace")?;
        let mut sources = sources(trace, last);
        sources.sort_by(|(a, ..), (b, ..)| a.total_cmp(b));

        let mut steps = Steps::default();
        let mut names = Names::default();
        let mut times = Vec::new();
        // The current steps: their indices, their components, and their ends.
        let mut open: Vec<(usize, &str, f64)> = Vec::new();
        for (at, source) in &sources {
            open.retain(|(_, _, end)| end >= at);
            let item = match source {
                Source::Entered(slice) => {
                    let by = slice.args["by"].as_str().context("a run of nobody's")?;
                    let step = Step {
                        who: slice.row.name.clone(),
                        by: Some(by.to_owned()),
                        what: slice.name.clone(),
                        depth: open.len(),
                    };
                    open.push((steps.items.len(), &slice.row.name, slice.end));
                    Item::Step(step)
                }
                Source::Pumped(slice) => Item::Step(host(names.known(&slice.name))),
                Source::Done(task) => Item::Step(host(format!("{} is done", names.known(task)))),
                Source::Called(slice) => {
                    let by = slice.args["by"].as_str().context("a call of nobody's")?;
                    let step = running(&open, by)?;
                    let task = names.task(&slice.args["task"]);
                    let what = format!("`{}` of the host: {task}", slice.name);
                    Item::Act(Act { step, what })
                }
                Source::Told(instant) => {
                    let step = running(&open, &instant.row.name)?;
                    let what = names.told(instant)?;
                    Item::Act(Act { step, what })
                }
            };
            steps.items.push(item);
            times.push(*at);
        }
        steps.link(trace, last, &times);
        Ok(steps)
    }

    /// Finds the items at the ends of arrows and tasks: the last ones before that time, of the same party.
    fn link(&mut self, trace: &Trace, since: f64, times: &[f64]) {
        let before = |who: &str, at: f64| {
            let own = |place: &usize| times[*place] <= at && self.who(*place) == who;
            (0..times.len()).rev().find(own)
        };
        let entering = |at: f64| {
            let by_host =
                |item: &Item| matches!(item, Item::Step(step) if step.by.as_deref() == Some(HOST));
            let fits = |place: &usize| times[*place] <= at && by_host(&self.items[*place]);
            (0..times.len()).rev().find(fits)
        };
        let mut wakes = Vec::new();
        for arrow in &trace.arrows {
            if arrow.name != "wakes" || arrow.from.1 < since {
                continue;
            }
            let from = before(party(&arrow.from.0.name), arrow.from.1);
            let to = match arrow.to.0.name.as_str() {
                HOST => entering(arrow.to.1),
                row => before(party(row), arrow.to.1),
            };
            if let (Some(from), Some(to)) = (from, to) {
                wakes.push(Link { from, to });
            }
        }
        let mut tasks = Vec::new();
        for slice in &trace.slices {
            let is_task =
                slice.row.name.contains(": tasks") || slice.row.name.contains(": functions");
            if !is_task || slice.begin < since {
                continue;
            }
            let who = party(&slice.row.name);
            let ended = (0..times.len())
                .rev()
                .find(|place| times[*place] <= slice.end);
            let made = (0..times.len())
                .rev()
                .find(|place| times[*place] <= slice.begin);
            if let (Some(made), Some(ended)) = (made, ended) {
                tasks.push(Task {
                    name: slice.name.clone(),
                    who: who.to_owned(),
                    made,
                    ended,
                });
            }
        }
        wakes.sort_by_key(|link| (link.from, link.to));
        tasks.sort_by_key(|task| (task.made, task.ended));
        (self.wakes, self.tasks) = (wakes, tasks);
    }

    /// The component or host of an item.
    pub fn who(&self, item: usize) -> &str {
        match &self.items[item] {
            Item::Step(step) => &step.who,
            Item::Act(act) => self.who(act.step),
        }
    }
}

fn host(what: String) -> Step {
    Step {
        who: HOST.to_owned(),
        by: None,
        what,
        depth: 0,
    }
}

/// The current step of `who`.
fn running(open: &[(usize, &str, f64)], who: &str) -> Result<usize> {
    let found = open.iter().rev().find(|(_, running, _)| *running == who);
    let (step, ..) =
        found.with_context(|| format!("`{who}` tells something while it does not run"))?;
    Ok(*step)
}

fn sources(trace: &Trace, since: f64) -> Vec<(f64, Source<'_>)> {
    let mut sources = Vec::new();
    for slice in trace.slices.iter().filter(|slice| slice.begin >= since) {
        let source = match slice.row.name.as_str() {
            HOST => continue,
            "host: pipes" => Source::Pumped(slice),
            row if row.starts_with("host: functions") => Source::Called(slice),
            row if row.contains(": tasks") => continue,
            _ => Source::Entered(slice),
        };
        sources.push((slice.begin, source));
    }
    // Inner events come after outer ones.
    sources.sort_by_key(|(_, source)| match source {
        Source::Entered(slice) => slice.args["depth"].as_u64(),
        _ => None,
    });
    for arrow in &trace.arrows {
        let (row, at) = &arrow.from;
        let done = trace.slices.iter().find(|slice| {
            let is_function = slice.row.name.contains(": functions");
            is_function && slice.row == *row && (slice.begin..=slice.end).contains(at)
        });
        if let ("wakes", Some(function), true) = (arrow.name.as_str(), done, *at >= since) {
            let task = format!("task {}", function.args["task"]);
            sources.push((*at, Source::Done(task)));
        }
    }
    for instant in trace.instants.iter().filter(|instant| instant.at >= since) {
        sources.push((instant.at, Source::Told(instant)));
    }
    sources
}

/// The party of a row.
fn party(row: &str) -> &str {
    row.split_once(": ").map_or(row, |(party, _)| party)
}

/// Names for tasks and pipes that are the same in every run: numbers and letters, in the order in which they appear.
#[derive(Default)]
struct Names {
    tasks: HashMap<String, String>,
    made: usize,
    pipes: HashMap<String, String>,
}

impl Names {
    /// A new task.
    fn task(&mut self, number: &Value) -> String {
        self.made += 1;
        let name = format!("T{}", self.made);
        self.tasks.insert(format!("task {number}"), name.clone());
        name
    }

    /// Replaces the number of a task or pipe in a text: `task 3`, `read bytes 5`.
    fn known(&mut self, what: &str) -> String {
        if let Some(task) = self.tasks.get(what) {
            return task.clone();
        }
        match what.split_once(' ') {
            Some((verb, pipe)) => format!("{verb} {}", self.pipe(pipe)),
            None => what.to_owned(),
        }
    }

    /// A pipe: `bytes 5`.
    fn pipe(&mut self, pipe: &str) -> String {
        let kind = pipe.rsplit_once(' ').map_or(pipe, |(kind, _)| kind);
        let letter = char::from(b'A' + self.pipes.len() as u8);
        let name = self.pipes.entry(pipe.to_owned());
        name.or_insert_with(|| format!("{kind} {letter}")).clone()
    }

    fn told(&mut self, instant: &Instant) -> Result<String> {
        let args = &instant.args;
        let word = instant.name.split([' ', ':']).next().unwrap_or_default();
        let of = args["of"].as_str().unwrap_or_default();
        if word == "make-task" {
            return Ok(format!("make-task: {}", self.task(&args["task"])));
        }
        if !args["task"].is_null() {
            return Ok(format!(
                "{word} {}",
                self.known(&format!("task {}", args["task"]))
            ));
        }
        if let (Some(pipe), Some(verb)) = (args["pipe"].as_str(), args["verb"].as_str()) {
            let outcome = args["outcome"].as_str().unwrap_or_default();
            let pipe = self.pipe(pipe);
            return Ok(match verb {
                "drop" => format!("drop {outcome} of {pipe}"),
                _ => format!("{verb} {pipe}: {outcome}"),
            });
        }
        match args["event"].as_str() {
            Some("token") if of.starts_with("task") => {
                Ok(format!("event: {} is done", self.known(of)))
            }
            Some("token") => Ok(format!("event: {}", self.known(of))),
            Some("child") => Ok(format!("event: {of} has events")),
            Some("cancel") => Ok("event: cancelled".to_owned()),
            _ => bail!("{instant:?} is of an unknown kind"),
        }
    }
}
