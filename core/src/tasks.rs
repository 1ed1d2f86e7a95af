//! Tasks: calls that did not finish at once, whoever calls and whoever is called.

use alloc::vec::Vec;

use slab::Slab;

use crate::{ComponentIndex, Fault, Kind, Policy, Waiter};

/// The tasks of one core.
pub(crate) struct Tasks<P: Policy> {
    slab: Slab<Task<P>>,
    /// Cancelled, and the guest callee does not know yet.
    cancelled: Vec<(ComponentIndex, u32)>,
}

struct Task<P: Policy> {
    callee: Callee<P::Work>,
    state: State<P::Output>,
    caller: Option<Waiter<P::Call>>,
}

/// Who is called.
#[derive(Clone, Copy)]
pub(crate) enum Callee<W> {
    Guest {
        component: ComponentIndex,
        function: u32,
        key: u32,
    },
    Host(W),
}

enum State<O> {
    Running,
    /// A host callee's result is kept here.
    Done(Option<O>),
    /// The caller has gone, and the callee does not know yet.
    Cancelled,
}

/// A task that somebody waits for and that is not done.
pub(crate) struct WaitedFor<C> {
    pub task: u32,
    /// The component and its function. None: the host.
    pub callee: Option<(ComponentIndex, u32)>,
    pub caller: Waiter<C>,
}

/// Why a task's result can't be had.
pub(crate) enum Refused {
    Unknown,
    OtherComponent,
    /// It is a task of this function.
    OtherFunction(u32),
    NotDone,
}

impl<P: Policy> Tasks<P> {
    pub const fn new() -> Self {
        Tasks {
            slab: Slab::new(),
            cancelled: Vec::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.slab.len()
    }

    /// The tasks that somebody waits for and that are not done.
    pub fn waited_for(&self) -> impl Iterator<Item = WaitedFor<P::Call>> {
        self.slab.iter().filter_map(|(number, task)| {
            let callee = match task.callee {
                Callee::Guest {
                    component,
                    function,
                    ..
                } => Some((component, function)),
                Callee::Host(_) => None,
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

    #[inline]
    pub fn make(&mut self, policy: &mut P, callee: Callee<P::Work>) -> Result<u32, P::Error> {
        policy.admit(Kind::Task, self.slab.len())?;
        let before = self.slab.capacity();
        let index = self.slab.insert(Task {
            callee,
            state: State::Running,
            caller: None,
        });
        let after = self.slab.capacity();
        if before != after {
            // With a place among those that are cancelled.
            let slot = size_of::<Task<P>>() + size_of::<(ComponentIndex, u32)>();
            policy.resized(Kind::Task, before * slot, after * slot)?;
        }
        Ok(index as u32)
    }

    /// A guest callee has finished; who is to be told.
    #[inline]
    pub fn complete(
        &mut self,
        component: ComponentIndex,
        task: u32,
    ) -> Result<Option<Waiter<P::Call>>, Fault> {
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
                State::Done(_) => Err(Fault::CompletedTwice(task)),
                // It was cancelled, and the callee has not taken the event yet.
                State::Cancelled => Ok(None),
            },
            _ => Err(Fault::NotOwnTask(task)),
        }
    }

    /// A host callee has finished; who is to be told.
    pub fn complete_work(&mut self, task: u32, output: P::Output) -> Option<Waiter<P::Call>> {
        let task = self.slab.get_mut(task as usize)?;
        task.state = State::Done(Some(output));
        task.caller
    }

    /// The caller waits; `true` if there is nothing to wait for.
    #[inline]
    pub fn subscribe(&mut self, task: u32, caller: Waiter<P::Call>) -> Result<bool, Fault> {
        let Some(task) = self.slab.get_mut(task as usize) else {
            return Err(Fault::UnknownTask(task));
        };
        task.caller = Some(caller);
        Ok(matches!(task.state, State::Done(_)))
    }

    /// A guest callee's `-result`: its key for the task, which ends here.
    #[inline]
    pub fn finish(
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
            Callee::Host(_) => return Err(Refused::OtherComponent),
        };
        if !matches!(found.state, State::Done(_)) {
            return Err(Refused::NotDone);
        }
        self.slab.remove(task as usize);
        Ok(key)
    }

    /// A host callee's `-result`: what its work came to. The task ends here.
    pub fn finish_work(&mut self, task: u32) -> Result<P::Output, Refused> {
        let found = self.slab.get_mut(task as usize).ok_or(Refused::Unknown)?;
        if let Callee::Guest { .. } = found.callee {
            return Err(Refused::OtherComponent);
        }
        let State::Done(output) = &mut found.state else {
            return Err(Refused::NotDone);
        };
        let output = output.take();
        self.slab.remove(task as usize);
        // Only `finish_work` takes it, and it removes the task.
        Ok(output.expect("a finished task of the host has its result"))
    }

    /// The caller has gone: the callee to be told, if it isn't done with the task or has to let go of its result. A guest's task is
    /// there until it is forgotten.
    pub fn cancel(&mut self, index: u32) -> Option<Callee<P::Work>> {
        let task = self.slab.get_mut(index as usize)?;
        let callee = task.callee;
        match callee {
            Callee::Guest { .. } => {
                if let State::Cancelled = task.state {
                    return None;
                }
                task.state = State::Cancelled;
                task.caller = None;
                Some(callee)
            }
            Callee::Host(_) => {
                let task = self.slab.remove(index as usize);
                match task.state {
                    State::Running => Some(callee),
                    State::Done(_) | State::Cancelled => None,
                }
            }
        }
    }

    /// The callee will know that this task is cancelled when it has taken its events.
    pub fn forget_later(&mut self, component: ComponentIndex, task: u32) {
        self.cancelled.push((component, task));
    }

    /// The callee knows that this task is cancelled.
    pub fn forget(&mut self, task: u32) {
        self.slab.try_remove(task as usize);
    }

    /// The component has taken its events: it knows of all its cancelled tasks.
    #[inline]
    pub fn forget_cancelled(&mut self, component: ComponentIndex) {
        if self.cancelled.is_empty() {
            return;
        }
        self.forget_those_of(component);
    }

    fn forget_those_of(&mut self, component: ComponentIndex) {
        let slab = &mut self.slab;
        self.cancelled.retain(|&(callee, task)| {
            if callee == component {
                slab.remove(task as usize);
            }
            callee != component
        });
    }
}
