//! What a trace has of one instance: who is called, when, and who waits for whom.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;

use super::file::{TraceFile, Track};
use super::lanes::{self, Lanes};

/// One instance's part of a trace. Components have their numbers; 0 is the host.
pub(crate) struct InstanceTrace {
    file: Arc<TraceFile>,
    instance: u64,
    lanes: HashMap<u32, Lanes>,
    /// Those under way, by their numbers.
    tasks: HashMap<u32, Task>,
    /// When the host entered a guest and on whose behalf, while it is in it.
    entered: Option<(f64, u64)>,
    /// On whose behalf guests run now.
    origin: u64,
}

struct Task {
    component: u32,
    lane: u64,
    name: String,
    origin: u64,
    begin: f64,
    /// Who waits for it.
    caller: Option<Waits>,
    done: Option<f64>,
}

/// Who waits for a task, since when.
#[derive(Clone, Copy)]
struct Waits {
    component: u32,
    origin: u64,
    since: f64,
}

/// The row on which the host's entering of guests stands; its functions that guests call are below.
const HOST: u32 = 0;

impl InstanceTrace {
    pub fn new(file: Arc<TraceFile>) -> Self {
        let instance = file.next_instance();
        file.name_instance(instance);
        let mut lanes = Lanes::default();
        let (lane, _) = lanes.take();
        let track = Track {
            instance,
            row: lanes::row(HOST, lane),
        };
        file.name_track(track, "the host enters");
        InstanceTrace {
            file,
            instance,
            lanes: HashMap::from([(HOST, lanes)]),
            tasks: HashMap::new(),
            entered: None,
            origin: 0,
        }
    }

    /// On whose behalf guests run from now on.
    pub fn set_origin(&mut self, origin: u64) {
        self.origin = origin;
    }

    /// The host is about to call a guest.
    pub fn enter(&mut self) {
        self.entered = Some((self.file.now(), self.origin));
    }

    /// The guest has returned.
    pub fn leave(&mut self, what: &str) {
        if let Some((begin, origin)) = self.entered.take() {
            let track = self.track(HOST, 0);
            self.file.slice(track, what, begin, of(origin));
        }
    }

    /// A call of a component's function (0: of the host's) did not finish at once.
    pub fn made(&mut self, task: u32, component: u32, name: &str) {
        let (lane, is_new) = self.lanes.entry(component).or_default().take();
        if is_new {
            let name = match (component, lane) {
                (HOST, _) => "functions of the host".to_string(),
                (number, 0) => format!("component {number}"),
                (number, lane) => format!("component {number}, {}", lane + 1),
            };
            self.file.name_track(self.track(component, lane), &name);
        }
        let begin = self.file.now();
        let task_of = Task {
            component,
            lane,
            name: name.to_string(),
            origin: self.origin,
            begin,
            caller: None,
            done: None,
        };
        self.tasks.insert(task, task_of);
    }

    /// A component (0: the host) waits for the task.
    pub fn waits(&mut self, task: u32, component: u32) {
        let since = self.file.now();
        if let Some(task) = self.tasks.get_mut(&task) {
            task.caller = Some(Waits {
                component,
                origin: self.origin,
                since,
            });
        }
    }

    /// The task's result is there.
    pub fn done(&mut self, task: u32) {
        let now = self.file.now();
        if let Some(task) = self.tasks.get_mut(&task) {
            task.done = Some(now);
        }
    }

    /// The caller has taken the result.
    pub fn fetched(&mut self, task: u32) {
        self.end(task, "fetched");
    }

    /// The caller has gone.
    pub fn cancelled(&mut self, task: u32) {
        self.end(task, "cancelled");
    }

    fn end(&mut self, number: u32, how: &str) {
        let Some(task) = self.tasks.remove(&number) else {
            return;
        };
        let track = self.track(task.component, task.lane);
        let now = self.file.now();
        if let Some(waits) = task.caller
            && let Some((caller, from)) = self.slice_of(waits)
        {
            // The host begins to wait when it has left the guest; it was in it when the task began.
            let since = match waits.component {
                HOST => task.begin,
                _ => waits.since.max(from),
            };
            self.file
                .arrow("waits", (caller, since), (track, task.begin));
            if let Some(done) = task.done {
                self.file.arrow("wakes", (track, done), (caller, now));
            }
        }
        let mut args = of(task.origin);
        args["task"] = json!(number);
        args["end"] = json!(how);
        self.file.slice(track, &task.name, task.begin, args);
        if let Some(lanes) = self.lanes.get_mut(&task.component) {
            lanes.free(task.lane);
        }
    }

    /// The slice of the task that waits, and its beginning: the component's latest one for the same request.
    fn slice_of(&self, waits: Waits) -> Option<(Track, f64)> {
        if waits.component == HOST {
            return Some((self.track(HOST, 0), self.entered?.0));
        }
        let tasks = self.tasks.values();
        let task = tasks
            .filter(|task| task.component == waits.component && task.origin == waits.origin)
            .max_by(|a, b| a.begin.total_cmp(&b.begin))?;
        Some((self.track(task.component, task.lane), task.begin))
    }

    fn track(&self, component: u32, lane: u64) -> Track {
        Track {
            instance: self.instance,
            row: lanes::row(component, lane),
        }
    }
}

/// Whom a slice is for.
fn of(origin: u64) -> serde_json::Value {
    match origin.checked_sub(1) {
        Some(request) => json!({ "request": request }),
        None => json!({}),
    }
}
