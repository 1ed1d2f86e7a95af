//! Slices for tasks: calls that did not finish at once, from the call until the result is fetched.

use serde_json::json;

use super::file::Track;
use super::instance::{InstanceTrace, of};
use super::parties::{HOST, Party};

/// A task under way.
pub(super) struct Task {
    party: Party,
    lane: u64,
    name: String,
    origin: u64,
    begin: f64,
    /// The party that runs when the task is made, if it is the host's.
    by: Option<Party>,
    /// The track that waits for it, and since when.
    waited: Option<(Track, f64)>,
    /// Whether the host waits for it.
    by_host: bool,
    done: Option<f64>,
}

impl InstanceTrace {
    /// Notes that a call of a component's function (0: of the host's) did not finish at once.
    pub fn made(&mut self, task: u32, component: u32, name: &str) {
        let party = match component {
            0 => HOST,
            number => self.party(number),
        };
        if party != HOST {
            let args = json!({ "task": task, "function": name });
            self.mark(party, &format!("make-task {task}"), args);
        }
        let (lane, is_new) = self.parties.lanes(party).take();
        if is_new {
            let of = match party {
                HOST => "functions",
                _ => "tasks",
            };
            let copy = match lane {
                1 => String::new(),
                lane => format!(", {lane}"),
            };
            let name = format!("{}: {of}{copy}", self.parties.name(party));
            self.name_row(party, lane, &name);
        }
        let task_of = Task {
            party,
            lane,
            name: name.to_string(),
            origin: self.origin,
            begin: self.file.now(),
            by: self.running().filter(|_| party == HOST),
            waited: None,
            by_host: false,
            done: None,
        };
        self.tasks.insert(task, task_of);
    }

    /// Notes that a component waits for the task with a token of its own.
    pub fn waits(&mut self, task: u32, component: u32, token: u32) {
        let party = self.party(component);
        self.expect(component, token, format!("task {task}"));
        let args = json!({ "task": task });
        let at = self.mark(party, &format!("subscribe {task}"), args);
        let (row, runs) = (self.row(party, 0), self.running() == Some(party));
        if let Some(task) = self.tasks.get_mut(&task)
            && runs
        {
            task.waited = Some((row, at));
        }
    }

    /// Notes that the host waits for the task. The host was in the guest when the task began, and has left it.
    pub fn host_waits(&mut self, task: u32) {
        let host = self.row(HOST, 0);
        if let Some(task) = self.tasks.get_mut(&task) {
            task.by_host = true;
            task.waited = Some((host, task.begin));
        }
    }

    /// Notes that the task's result is there.
    pub fn done(&mut self, number: u32) {
        let Some(task) = self.tasks.get(&number) else {
            return;
        };
        let party = task.party;
        if party != HOST {
            let args = json!({ "task": number });
            self.mark(party, &format!("complete {number}"), args);
        }
        let now = self.file.now();
        if party == HOST {
            let track = self.track(number);
            self.wakes.woken_by = track.map(|track| (track, now));
        }
        if let Some(task) = self.tasks.get_mut(&number) {
            task.done = Some(now);
        }
    }

    /// Notes that the caller has taken the result.
    pub fn fetched(&mut self, number: u32) {
        if let Some(task) = self.tasks.get(&number)
            && task.party != HOST
        {
            let (party, args) = (task.party, json!({ "task": number }));
            self.mark(party, &format!("finish {number}"), args);
        }
        self.end(number, "fetched");
    }

    /// Notes that the caller has gone.
    pub fn cancelled(&mut self, task: u32) {
        self.end(task, "cancelled");
    }

    fn end(&mut self, number: u32, how: &str) {
        let (Some(track), Some(task)) = (self.track(number), self.tasks.remove(&number)) else {
            return;
        };
        let now = self.file.now();
        if let Some((row, since)) = task.waited {
            self.arrow("waits", (row, since), (track, since));
        }
        // A waiting guest was woken by an event.
        if let (true, Some(done), Some(_)) = (task.by_host, task.done, self.entered()) {
            let host = self.row(HOST, 0);
            self.arrow("wakes", (track, done), (host, now));
        }
        let mut args = of(task.origin);
        args["task"] = json!(number);
        args["end"] = json!(how);
        if let Some(by) = task.by {
            args["by"] = json!(self.parties.name(by));
        }
        self.file.slice(track, &task.name, (task.begin, now), args);
        self.parties.lanes(task.party).free(task.lane);
    }

    fn track(&self, task: u32) -> Option<Track> {
        let task = self.tasks.get(&task)?;
        Some(self.row(task.party, task.lane))
    }
}
