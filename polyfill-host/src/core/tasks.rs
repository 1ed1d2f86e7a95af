//! Tasks: calls that did not finish at once, whoever calls and whoever is called.

use std::any::Any;

use slab::Slab;
use wasmtime::{Result, bail};

use super::budget::{Budget, Share};
use super::components::ComponentIndex;
use super::futures::FutureId;

/// `isyswasfa:core/tasks.pending`, as a resource's type parameter.
pub struct Pending;

/// A call that the host has under way. Never reused, so that what comes late finds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallId {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

/// The tasks of one store.
pub struct Tasks {
    slab: Slab<Task>,
    /// Cancelled, and the guest callee does not know yet.
    cancelled: Vec<(ComponentIndex, u32)>,
    max: usize,
    share: Share,
}

struct Task {
    callee: Callee,
    state: State,
    caller: Option<Caller>,
}

enum Callee {
    Guest {
        component: ComponentIndex,
        function: u32,
        key: u32,
    },
    Host {
        future: FutureId,
    },
}

enum State {
    Running,
    /// A host callee's result is kept here.
    Done(Option<Box<dyn Any + Send>>),
    /// The caller has gone, and the callee does not know yet.
    Cancelled,
}

/// A task that somebody waits for and that is not done.
pub struct WaitedFor {
    pub task: u32,
    /// The component and its function. None: the host.
    pub callee: Option<(ComponentIndex, u32)>,
    pub caller: Caller,
}

/// Who is told that a task is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    Guest {
        component: ComponentIndex,
        token: u32,
    },
    Host(CallId),
}

/// Why a task's result can't be had.
#[derive(Debug)]
pub enum Refused {
    Unknown,
    OtherComponent,
    /// It is a task of this function.
    OtherFunction(u32),
    NotDone,
}

/// What dropping a `pending` means for the callee.
pub enum Dropped {
    Nothing,
    /// Tell this component that the task with this key was cancelled.
    CancelGuest(ComponentIndex, u32),
    CancelHost(FutureId),
}

impl Tasks {
    pub fn new(max: usize, budget: &Budget) -> Self {
        Tasks {
            slab: Slab::new(),
            cancelled: Vec::new(),
            max,
            share: budget.share(),
        }
    }

    pub fn len(&self) -> usize {
        self.slab.len()
    }

    /// The tasks that somebody waits for and that are not done.
    pub fn waited_for(&self) -> impl Iterator<Item = WaitedFor> {
        self.slab.iter().filter_map(|(number, task)| {
            let callee = match task.callee {
                Callee::Guest {
                    component,
                    function,
                    ..
                } => Some((component, function)),
                Callee::Host { .. } => None,
            };
            match (&task.state, task.caller) {
                (State::Running, Some(caller)) => Some(WaitedFor {
                    task: number as u32,
                    callee,
                    caller,
                }),
                _ => None,
            }
        })
    }

    /// The function that a task of the component's own is a call of.
    pub fn function(&self, component: ComponentIndex, task: u32) -> Option<u32> {
        match self.slab.get(task as usize)?.callee {
            Callee::Guest {
                component: owner,
                function,
                ..
            } if owner == component => Some(function),
            _ => None,
        }
    }

    /// The functions that a component's unfinished tasks are calls of.
    pub fn running(&self, component: ComponentIndex) -> impl Iterator<Item = u32> {
        self.slab.iter().filter_map(move |(_, task)| match task {
            Task {
                callee:
                    Callee::Guest {
                        component: owner,
                        function,
                        ..
                    },
                state: State::Running,
                ..
            } if *owner == component => Some(*function),
            _ => None,
        })
    }

    pub fn make_guest(
        &mut self,
        component: ComponentIndex,
        function: u32,
        key: u32,
    ) -> Result<u32> {
        self.make(Callee::Guest {
            component,
            function,
            key,
        })
    }

    pub fn make_host(&mut self, future: FutureId) -> Result<u32> {
        self.make(Callee::Host { future })
    }

    /// A guest callee has finished; who is to be told.
    pub fn complete_guest(
        &mut self,
        component: ComponentIndex,
        task: u32,
    ) -> Result<Option<Caller>> {
        match self.slab.get_mut(task as usize) {
            Some(Task {
                callee: Callee::Guest {
                    component: owner, ..
                },
                state,
                caller,
            }) if *owner == component => match state {
                State::Running => {
                    *state = State::Done(None);
                    Ok(*caller)
                }
                State::Done(_) => bail!("task {task} was completed twice"),
                // It was cancelled, and the callee has not taken the event yet.
                State::Cancelled => Ok(None),
            },
            _ => bail!("task {task} is not the component's own"),
        }
    }

    /// A host callee has finished; who is to be told.
    pub fn complete_host(&mut self, task: u32, result: Box<dyn Any + Send>) -> Option<Caller> {
        let task = self.slab.get_mut(task as usize)?;
        task.state = State::Done(Some(result));
        task.caller
    }

    /// The caller waits; `true` if there is nothing to wait for.
    pub fn subscribe(&mut self, task: u32, caller: Caller) -> Result<bool> {
        let Some(task) = self.slab.get_mut(task as usize) else {
            bail!("no task {task}");
        };
        task.caller = Some(caller);
        Ok(matches!(task.state, State::Done(_)))
    }

    /// A guest callee's `-result`: its key for the task, which ends here.
    pub fn finish_guest(
        &mut self,
        component: ComponentIndex,
        function: u32,
        task: u32,
    ) -> Result<u32, Refused> {
        let found = self.slab.get(task as usize).ok_or(Refused::Unknown)?;
        let key = match found.callee {
            Callee::Guest {
                component: owner, ..
            } if owner != component => return Err(Refused::OtherComponent),
            Callee::Guest {
                function: called, ..
            } if called != function => return Err(Refused::OtherFunction(called)),
            Callee::Guest { key, .. } => key,
            Callee::Host { .. } => return Err(Refused::OtherComponent),
        };
        if !matches!(found.state, State::Done(_)) {
            return Err(Refused::NotDone);
        }
        self.slab.remove(task as usize);
        Ok(key)
    }

    /// A host callee's `-result`: what its future came to. The task ends here.
    pub fn finish_host(&mut self, task: u32) -> Result<Box<dyn Any + Send>, Refused> {
        let found = self.slab.get_mut(task as usize).ok_or(Refused::Unknown)?;
        if let Callee::Guest { .. } = found.callee {
            return Err(Refused::OtherComponent);
        }
        let State::Done(result) = &mut found.state else {
            return Err(Refused::NotDone);
        };
        let result = result.take();
        self.slab.remove(task as usize);
        // Only `finish_host` takes it, and it removes the task.
        Ok(result.expect("a finished host task has its result"))
    }

    /// The caller drops its `pending`. A guest callee hears of it when it takes its events.
    pub fn drop_pending(&mut self, index: u32) -> Dropped {
        let dropped = self.cancel(index);
        if let Dropped::CancelGuest(component, _) = dropped {
            self.cancelled.push((component, index));
        }
        dropped
    }

    /// The same by a caller who lets a guest callee know at once. The task is there until it is `forget`ed.
    pub fn cancel(&mut self, index: u32) -> Dropped {
        let Some(task) = self.slab.get_mut(index as usize) else {
            return Dropped::Nothing;
        };
        match task.callee {
            Callee::Guest { component, key, .. } => {
                task.state = State::Cancelled;
                task.caller = None;
                Dropped::CancelGuest(component, key)
            }
            Callee::Host { future } => {
                let done = matches!(task.state, State::Done(_));
                self.slab.remove(index as usize);
                if done {
                    Dropped::Nothing
                } else {
                    Dropped::CancelHost(future)
                }
            }
        }
    }

    /// The callee knows that this task is cancelled.
    pub fn forget(&mut self, task: u32) {
        self.slab.try_remove(task as usize);
    }

    /// The component has taken its events: it knows of all its cancelled tasks.
    pub fn forget_cancelled(&mut self, component: ComponentIndex) {
        let slab = &mut self.slab;
        self.cancelled.retain(|&(callee, task)| {
            if callee == component {
                slab.remove(task as usize);
            }
            callee != component
        });
    }

    fn make(&mut self, callee: Callee) -> Result<u32> {
        if self.slab.len() >= self.max {
            bail!(
                "more than {} tasks (`-S max-tasks=N` allows more)",
                self.max
            );
        }
        let index = self.slab.insert(Task {
            callee,
            state: State::Running,
            caller: None,
        });
        // With a place among those that are cancelled.
        let slot = size_of::<Task>() + size_of::<(ComponentIndex, u32)>();
        self.share.hold(self.slab.capacity() * slot, "a task")?;
        Ok(index as u32)
    }
}
