//! Arrows from wakers to woken: tokens that are sent, events that components take, and the pipes behind many of them.

use std::collections::HashMap;
use std::fmt;

use isyswasfa_core::{Event, Outcome};
use serde_json::json;

use super::file::Track;
use super::instance::InstanceTrace;
use super::lanes;
use super::parties::HOST;
use crate::core::{PipeName, Waiter};

/// The tokens that components wait for, and those on their way.
#[derive(Default)]
pub(super) struct Wakes {
    /// What a component's token stands for.
    tokens: HashMap<(u32, u32), String>,
    /// The origin of each token that its component has not taken yet.
    sent: HashMap<(u32, u32), (Track, f64)>,
    /// The host's function that is done and about to send a token.
    pub woken_by: Option<(Track, f64)>,
    /// The time until which the row of the host's pipes is used; `None`: there is no row yet.
    pipes: Option<f64>,
}

/// The length of slices of the host's ends of pipes, in microseconds: a moment, for arrows to begin at.
const MOMENT: f64 = 0.2;

impl InstanceTrace {
    /// Notes what `token` of a component stands for.
    pub(super) fn expect(&mut self, component: u32, token: u32, what: String) {
        self.wakes.tokens.insert((component, token), what);
    }

    /// Notes that a token is on its way to a component.
    pub fn sent(&mut self, component: u32, token: u32) {
        let from = match (self.wakes.woken_by.take(), self.running()) {
            (Some(function), _) => function,
            (None, Some(party)) => (self.row(party, 0), self.heard()),
            (None, None) => self.host_pipe(component, token),
        };
        self.wakes.sent.insert((component, token), from);
    }

    /// Notes that a component has taken an event.
    pub fn takes(&mut self, component: u32, event: Event) {
        let party = self.party(component);
        let (name, args) = match event {
            Event::Token(token) => {
                let what = self.wakes.tokens.get(&(component, token));
                let what = what.map_or("token", String::as_str);
                let args = json!({ "event": "token", "of": what });
                (format!("event: {what}"), args)
            }
            Event::Cancel(key) => {
                let args = json!({ "event": "cancel", "key": key });
                ("event: cancelled".to_string(), args)
            }
            Event::Child(child) => {
                let child = self.party(child);
                let child = self.parties.name(child);
                let args = json!({ "event": "child", "of": child });
                (format!("event: enter {child}"), args)
            }
        };
        let at = self.mark(party, &name, args);
        if let Event::Token(token) = event
            && let Some(from) = self.wakes.sent.remove(&(component, token))
            && self.running() == Some(party)
        {
            self.arrow("wakes", from, (self.row(party, 0), at));
        }
    }

    /// Notes that a component has read from a pipe, written to it, or asked how its write went, with the outcome in items.
    pub fn piped(&mut self, pipe: PipeName, verb: &str, waiter: Waiter, outcome: &Outcome<usize>) {
        let Waiter::Guest { component, token } = waiter else {
            return;
        };
        let component = component + 1;
        let party = self.party(component);
        let outcome = match outcome {
            Outcome::Ready(items) => items.to_string(),
            Outcome::Closed => "closed".to_string(),
            Outcome::Blocked => {
                self.expect(component, token, format!("{verb} {pipe}"));
                "blocked".to_string()
            }
        };
        let args = json!({ "pipe": pipe.to_string(), "verb": verb, "outcome": outcome });
        self.mark(party, &format!("{verb} {pipe}: {outcome}"), args);
    }

    /// Notes that an end of a pipe was dropped while the other end waited.
    pub fn dropped(&mut self, pipe: PipeName, end: &str) {
        // If the host dropped it, the arrow begins at the row of the host's pipes.
        if let Some(party) = self.running() {
            let args = json!({ "pipe": pipe.to_string(), "verb": "drop", "outcome": end });
            self.mark(party, &format!("drop {end} of {pipe}"), args);
        }
    }

    /// Adds a moment on the row of the host's pipes, for the pipe that a component waits for.
    fn host_pipe(&mut self, component: u32, token: u32) -> (Track, f64) {
        let row = self.row(HOST, lanes::LAST);
        let now = self.file.now();
        let begin = match self.wakes.pipes {
            Some(until) => now.max(until),
            None => {
                self.name_row(HOST, lanes::LAST, "host: pipes");
                now
            }
        };
        self.wakes.pipes = Some(begin + MOMENT);
        let what = self.wakes.tokens.get(&(component, token));
        let what = what.map_or("token", String::as_str);
        let args = json!({ "of": what });
        self.file.slice(row, what, (begin, begin + MOMENT), args);
        (row, begin + MOMENT / 2.0)
    }
}

impl fmt::Display for PipeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.number)
    }
}
