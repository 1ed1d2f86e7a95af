//! Tasks: calls that did not finish at once.

use crate::components::ComponentIndex;
use crate::trap::trap;
use slab::Slab;

/// All tasks.
pub struct Tasks {
    slab: Slab<Task>,
    /// Cancelled, and the callee does not know yet.
    cancelled: Vec<(ComponentIndex, u32)>,
}

struct Task {
    callee: ComponentIndex,
    function: u32,
    key: u32,
    state: State,
    caller: Option<Caller>,
}

#[derive(PartialEq)]
enum State {
    Running,
    Done,
    /// The caller has gone, and the callee does not know yet.
    Cancelled,
}

/// Who is told that a task is done.
#[derive(Clone, Copy)]
pub struct Caller {
    pub component: ComponentIndex,
    pub token: u32,
}

/// A task that somebody waits for.
pub struct WaitedFor {
    pub task: u32,
    pub callee: ComponentIndex,
    pub function: u32,
    pub caller: ComponentIndex,
}

impl Tasks {
    pub const fn new() -> Self {
        Tasks {
            slab: Slab::new(),
            cancelled: Vec::new(),
        }
    }

    pub fn make(&mut self, component: ComponentIndex, function: u32, key: u32) -> u32 {
        self.slab.insert(Task {
            callee: component,
            function,
            key,
            state: State::Running,
            caller: None,
        }) as u32
    }

    /// The function that a task of the component's own is a call of.
    pub fn function(&self, component: ComponentIndex, task: u32) -> Option<u32> {
        let task = self.slab.get(task as usize)?;
        (task.callee == component).then_some(task.function)
    }

    /// The functions that a component's unfinished tasks are calls of.
    pub fn running(&self, component: ComponentIndex) -> impl Iterator<Item = u32> {
        let tasks = self.slab.iter().map(|(_, task)| task);
        tasks
            .filter(move |task| task.callee == component && task.state == State::Running)
            .map(|task| task.function)
    }

    /// The callee has finished; who is to be told.
    pub fn complete(&mut self, component: ComponentIndex, task: u32) -> Option<Caller> {
        match self.slab.get_mut(task as usize) {
            Some(Task {
                callee,
                state,
                caller,
                ..
            }) if *callee == component => match state {
                State::Running => {
                    *state = State::Done;
                    *caller
                }
                State::Done => trap("a task was completed twice"),
                // It was cancelled, and the callee has not taken the event yet.
                State::Cancelled => None,
            },
            _ => trap("a task was completed that is not the component's own"),
        }
    }

    /// The caller waits; `true` if there is nothing to wait for.
    pub fn subscribe(&mut self, task: u32, caller: Caller) -> bool {
        let Some(task) = self.slab.get_mut(task as usize) else {
            trap("a task is waited for that does not exist");
        };
        task.caller = Some(caller);
        task.state == State::Done
    }

    /// A callee's `-result`: its key for the task, which ends here.
    pub fn finish(&mut self, component: ComponentIndex, function: u32, task: u32) -> u32 {
        match self.slab.get(task as usize) {
            Some(Task {
                callee,
                function: called,
                key,
                state: State::Done,
                ..
            }) if (*callee, *called) == (component, function) => {
                let key = *key;
                self.slab.remove(task as usize);
                key
            }
            _ => trap(
                "the result of a task was asked of another function than the one that was called, or before it was done",
            ),
        }
    }

    /// The caller drops its `pending`: whom to tell that the task with this key was cancelled.
    pub fn drop_pending(&mut self, index: u32) -> Option<(ComponentIndex, u32)> {
        let (callee, key) = self.cancel(index)?;
        self.cancelled.push((callee, index));
        Some((callee, key))
    }

    /// The same by a caller who lets the callee know at once. The task is there until it is `forget`ed.
    pub fn cancel(&mut self, index: u32) -> Option<(ComponentIndex, u32)> {
        let task = self.slab.get_mut(index as usize)?;
        if task.state == State::Cancelled {
            return None;
        }
        task.state = State::Cancelled;
        task.caller = None;
        Some((task.callee, task.key))
    }

    /// The callee knows that this task is cancelled.
    pub fn forget(&mut self, task: u32) {
        self.slab.try_remove(task as usize);
    }

    /// The component has taken its events: it knows of all its cancelled tasks.
    pub fn forget_cancelled(&mut self, component: ComponentIndex) {
        if self.cancelled.is_empty() {
            return;
        }
        let slab = &mut self.slab;
        self.cancelled.retain(|&(callee, task)| {
            if callee == component {
                slab.remove(task as usize);
            }
            callee != component
        });
    }

    /// The tasks that somebody waits for and that are not done.
    pub fn waited_for(&self) -> impl Iterator<Item = WaitedFor> {
        self.slab
            .iter()
            .filter(|(_, task)| task.state == State::Running)
            .filter_map(|(number, task)| {
                Some(WaitedFor {
                    task: number as u32,
                    callee: task.callee,
                    function: task.function,
                    caller: task.caller?.component,
                })
            })
    }
}
