//! The trace of one instance: the runs of components, and who entered them. `tasks` and `events` have what components tell the
//! core.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::events::Wakes;
use super::file::{TraceFile, Track};
use super::lanes;
use super::parties::{HOST, Parties, Party};
use super::stack::{Entry, How};
use super::tasks::Task;

/// One instance's part of a trace. Each component has a row for its runs, from being entered to returning, and below it one for
/// its tasks, or as many as it has at once; the host has a row for its entering of components, and others for its functions and
/// for its ends of pipes.
pub(crate) struct InstanceTrace {
    pub(super) file: Arc<TraceFile>,
    pub(super) instance: u64,
    pub(super) parties: Parties,
    /// The components that are entered, the outermost first.
    runs: Vec<Run>,
    /// When the host entered a guest, and for which origin, while it is in the guest.
    entered: Option<(f64, u64)>,
    /// The origin that guests run for now.
    pub(super) origin: u64,
    /// Tasks under way, by their numbers.
    pub(super) tasks: HashMap<u32, Task>,
    pub(super) wakes: Wakes,
    /// Arrows from or to slices that are not written yet, so that a trace that is cut off has no arrows without ends.
    arrows: Vec<Arrow>,
}

/// The name of an arrow, and both of its ends.
type Arrow = (&'static str, (Track, f64), (Track, f64));

/// A component's run.
struct Run {
    entry: Entry,
    party: Party,
    begin: f64,
    /// The time of its last report. It may have run on after that.
    last: f64,
    origin: u64,
}

impl InstanceTrace {
    pub fn new(file: Arc<TraceFile>) -> Self {
        let instance = file.next_instance();
        file.name_instance(instance);
        let trace = InstanceTrace {
            file,
            instance,
            parties: Parties::new(),
            runs: Vec::new(),
            entered: None,
            origin: 0,
            tasks: HashMap::new(),
            wakes: Wakes::default(),
            arrows: Vec::new(),
        };
        trace.name_row(HOST, 0, "host");
        trace
    }

    /// Sets the origin that guests run for from now on.
    pub fn set_origin(&mut self, origin: u64) {
        self.origin = origin;
    }

    /// Notes that the host is about to call a guest.
    pub fn enter(&mut self) {
        self.end_runs(0);
        self.wakes.woken_by = None;
        self.entered = Some((self.file.now(), self.origin));
    }

    /// Notes that the guest has returned.
    pub fn leave(&mut self, what: &str) {
        let now = self.file.now();
        if let Some(outermost) = self.runs.first_mut() {
            outermost.last = now;
        }
        self.end_runs(0);
        if let Some((begin, origin)) = self.entered.take() {
            let (row, args) = (self.row(HOST, 0), of(origin));
            self.file.slice(row, what, (begin, now), args);
        }
        for (name, from, to) in self.arrows.drain(..) {
            self.file.arrow(name, from, to);
        }
    }

    /// Keeps an arrow until both of its slices are written.
    pub(super) fn arrow(&mut self, name: &'static str, from: (Track, f64), to: (Track, f64)) {
        self.arrows.push((name, from, to));
    }

    /// Notes that a guest has called the host, with these components on the stack.
    pub fn called(&mut self, entries: Vec<Entry>) {
        let now = self.file.now();
        let known = self.runs.iter().zip(&entries);
        let same = known.take_while(|(run, entry)| run.entry == **entry);
        let same = same.count();
        self.end_runs(same);
        for (depth, entry) in entries.into_iter().enumerate().skip(same) {
            let below: Vec<Party> = self.runs.iter().map(|run| run.party).collect();
            let (party, new) = self.parties.on_stack(&entry.module, &below);
            if new {
                self.name_party(party);
            }
            // The host enters the outermost component, and has reported when.
            let begin = match (depth, self.entered) {
                (0, Some((begin, _))) if entry.how != How::Call => begin,
                _ => now,
            };
            self.runs.push(Run {
                entry,
                party,
                begin,
                last: now,
                origin: self.origin,
            });
        }
        self.heard();
    }

    /// Notes the number of the running component.
    pub fn registered(&mut self, number: u32) {
        let running = self.runs.last().map(|run| run.party);
        let party = self.parties.register(number, running);
        if running != Some(party) {
            self.name_party(party);
        }
        if let Some(run) = self.runs.last_mut() {
            run.party = party;
        }
    }

    /// Notes that a component imports from another one.
    pub fn linked(&mut self, importer: u32, child: u32) {
        self.parties.link(importer, child);
    }

    /// The component with this number.
    pub(super) fn party(&mut self, number: u32) -> Party {
        let (party, new) = self.parties.numbered(number);
        if new {
            self.name_party(party);
        }
        party
    }

    /// The running component or host.
    pub(super) fn running(&self) -> Option<Party> {
        self.runs.last().map(|run| run.party)
    }

    /// The time since when the host is in a guest.
    pub(super) fn entered(&self) -> Option<f64> {
        self.entered.map(|(begin, _)| begin)
    }

    /// The current time, noted as the last report of the running component.
    pub(super) fn heard(&mut self) -> f64 {
        let now = self.file.now();
        if let Some(innermost) = self.runs.last_mut() {
            innermost.last = now;
        }
        now
    }

    /// Writes an instant for something that a component does now in its run, and returns the time.
    pub(super) fn mark(&mut self, party: Party, name: &str, args: Value) -> f64 {
        let now = self.heard();
        self.file.instant(self.row(party, 0), name, now, args);
        now
    }

    /// Ends all runs but the outermost `rest`.
    fn end_runs(&mut self, rest: usize) {
        while self.runs.len() > rest {
            let Some(run) = self.runs.pop() else { return };
            let by = self.runs.last_mut().map_or(HOST, |outer| {
                outer.last = outer.last.max(run.last);
                outer.party
            });
            let mut args = of(run.origin);
            args["by"] = json!(self.parties.name(by));
            args["depth"] = json!(self.runs.len());
            let name = match run.entry.how {
                How::Poll => How::Poll.name().to_string(),
                how => format!("{} {}", how.name(), run.entry.function),
            };
            let row = self.row(run.party, 0);
            self.file.slice(row, &name, (run.begin, run.last), args);
        }
    }

    fn name_party(&self, party: Party) {
        self.name_row(party, 0, self.parties.name(party));
    }

    pub(super) fn name_row(&self, party: Party, lane: u64, name: &str) {
        self.file.name_track(self.row(party, lane), name);
    }

    pub(super) fn row(&self, party: Party, lane: u64) -> Track {
        Track {
            instance: self.instance,
            row: lanes::row(party, lane),
        }
    }
}

/// The origin of a slice, as an argument.
pub(super) fn of(origin: u64) -> Value {
    match origin.checked_sub(1) {
        Some(request) => json!({ "request": request }),
        None => json!({}),
    }
}
