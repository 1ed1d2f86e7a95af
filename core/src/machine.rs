//! `isyswasfa:core/tasks`: components, functions and tasks together.

use alloc::vec::Vec;

use crate::components::{CancelledTask, Components};
use crate::event::{answer, value};
use crate::functions::Functions;
use crate::report::Wait;
use crate::tasks::{Callee, Refused, Tasks};
use crate::{ComponentIndex, Fault, Policy, Refusal, Step, Waiter, Word};

/// The state machine behind `isyswasfa:core/tasks`, and what is done with its tasks besides by whoever runs the guests.
///
/// Its methods are named as the functions are, and take what those take: keys, mailboxes, numbers of tasks. An error is a mistake of
/// the guest's that calls, which traps.
pub struct Machine<P: Policy> {
    /// What differs between shells.
    pub policy: P,
    pub(crate) components: Components,
    pub(crate) functions: Functions,
    pub(crate) tasks: Tasks<P>,
    /// What components have told that their tasks wait for; none: they were not asked.
    pub(crate) waits: Option<Vec<Wait>>,
    origin: u64,
}

/// A task was cancelled: what is left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled<W> {
    /// Nothing.
    Nothing,
    /// The component with this number hears of it.
    Guest(u32),
    /// Work of the shell's own ends.
    Work(W),
}

impl<W> Cancelled<W> {
    /// The number of the component that `cancel` answers. 0: none is to be entered.
    pub fn number(&self) -> u32 {
        match self {
            Cancelled::Guest(number) => *number,
            Cancelled::Nothing | Cancelled::Work(_) => 0,
        }
    }
}

impl<P: Policy> Machine<P> {
    /// A core without any components yet.
    pub const fn new(policy: P) -> Self {
        Machine {
            policy,
            components: Components::new(),
            functions: Functions::new(),
            tasks: Tasks::new(),
            waits: None,
            origin: 0,
        }
    }

    /// `register`: a new component's key.
    pub fn register(&mut self) -> Result<u64, P::Error> {
        let key = self.components.register(&mut self.policy)?;
        // The lower half of a key is the component's place.
        self.policy.told(Step::Registered(key as u32 + 1));
        Ok(key)
    }

    /// `number`: a component's public number.
    pub fn number(&self, component: u64) -> Result<u32, P::Error> {
        Ok(self.index(component)? + 1)
    }

    /// `mailbox`: the number under which others can send a component tokens.
    pub fn mailbox(&self, component: u64) -> Result<u64, P::Error> {
        Ok(self.components.mailbox(self.index(component)?))
    }

    /// `link`: a component imports what another one provides.
    pub fn link(&mut self, component: u64, child: u32) -> Result<(), P::Error> {
        let importer = self.index(component)?;
        self.policy.told(Step::Linked {
            importer: importer + 1,
            child,
        });
        self.components.link(&mut self.policy, importer, child)
    }

    /// `name-function`: a number for one of a component's exported functions.
    pub fn name_function(&mut self, component: u64, name: &str) -> Result<u32, P::Error> {
        let component = self.index(component)?;
        self.functions.name(&mut self.policy, component, name)
    }

    /// `make-task`: a call of a component's function did not finish at once. The new task.
    #[inline]
    pub fn make_task(
        &mut self,
        component: u64,
        function: u32,
        key: u32,
        poll: bool,
    ) -> Result<u32, P::Error> {
        let component = self.index(component)?;
        let name = self.functions.check(component, function)?;
        let callee = Callee::Guest {
            component,
            function,
            key: value(key)?,
        };
        let task = self.tasks.make(&mut self.policy, callee)?;
        self.policy.told(Step::Made {
            task,
            component: component + 1,
            function: name,
        });
        if poll {
            self.components.wake(&mut self.policy, component)?;
        }
        self.components.goes_on(component);
        Ok(task)
    }

    /// `complete`: the result of a task can be fetched.
    #[inline]
    pub fn complete(&mut self, component: u64, task: u32) -> Result<(), P::Error> {
        let component = self.index(component)?;
        self.policy.told(Step::Done {
            task,
            component: component + 1,
        });
        self.components.goes_on(component);
        let caller = self.tasks.complete(component, task)?;
        self.task_done(caller)
    }

    /// `finish`: the callee's key for a task that is done and ends here.
    #[inline]
    pub fn finish(&mut self, component: u64, function: u32, task: u32) -> Result<u32, P::Error> {
        let component = self.index(component)?;
        self.policy.told(Step::Asked {
            task,
            component: component + 1,
        });
        match self.tasks.finish(component, function, task) {
            Ok(key) => {
                self.policy.told(Step::Fetched(task));
                Ok(key)
            }
            Err(refused) => Err(self.refusal(task, Some(function), refused).into()),
        }
    }

    /// `subscribe`: a component is sent a token once a task is done.
    #[inline]
    pub fn subscribe(&mut self, task: u32, component: u64, token: u32) -> Result<(), P::Error> {
        let component = self.index(component)?;
        let token = value(token)?;
        self.policy.told(Step::Waits {
            task,
            component: component + 1,
            token,
        });
        let caller = Waiter::Guest { component, token };
        if self.tasks.subscribe(task, caller)? {
            self.send(component, token)?;
        }
        Ok(())
    }

    /// `cancel`: the caller gives up a task, and enters the callee next, which hears of its cancelled tasks and of nothing else.
    pub fn cancel(&mut self, task: u32) -> Result<Cancelled<P::Work>, P::Error> {
        match self.cancelled(task) {
            None => Ok(Cancelled::Nothing),
            Some(Callee::Guest { component, key, .. }) => {
                let cancelled = CancelledTask { key, task };
                self.components
                    .cancel(&mut self.policy, component, cancelled)?;
                Ok(Cancelled::Guest(component + 1))
            }
            Some(Callee::Host(work)) => Ok(Cancelled::Work(work)),
        }
    }

    /// A `pending` is dropped, which cancels its task. The callee hears of it when it takes its events.
    pub fn drop_pending(&mut self, task: u32) -> Result<Cancelled<P::Work>, P::Error> {
        match self.cancelled(task) {
            None => Ok(Cancelled::Nothing),
            Some(Callee::Guest { component, key, .. }) => {
                self.tasks.forget_later(component, task);
                self.components
                    .post(&mut self.policy, component, Word::cancel(key))?;
                Ok(Cancelled::Guest(component + 1))
            }
            Some(Callee::Host(work)) => Ok(Cancelled::Work(work)),
        }
    }

    /// `wake`: a component has work to do that no event will announce.
    #[inline]
    pub fn wake(&mut self, component: u64) -> Result<(), P::Error> {
        let component = self.index(component)?;
        if self.components.wake(&mut self.policy, component)? {
            let text = self.spinning(component);
            self.policy.warn(&text);
        }
        Ok(())
    }

    /// `post`: sends a token to the component with this mailbox.
    pub fn post(&mut self, mailbox: u64, token: u32) -> Result<(), P::Error> {
        let component = self.components.by_mailbox(mailbox)?;
        self.send(component, value(token)?)
    }

    /// `next-event`: takes the oldest event of a component.
    #[inline]
    pub fn next_event(&mut self, component: u64) -> Result<u64, P::Error> {
        let component = self.index(component)?;
        let (word, left) = if self.components.is_for_cancels(component) {
            match self.components.next_cancel(component) {
                Some(CancelledTask { key, task }) => {
                    self.tasks.forget(task);
                    // That there are no others is left at least.
                    (Word::cancel(key), 1)
                }
                None => (Word::NO_MORE_CANCELS, 0),
            }
        } else {
            let (word, left) = self.components.next_event(component);
            if left == 0 {
                self.tasks.forget_cancelled(component);
            }
            (word, left)
        };
        self.policy.told(Step::Taken {
            component: component + 1,
            word,
        });
        Ok(answer(word, left))
    }

    /// `origin`: on whose behalf guests run now.
    pub fn origin(&self) -> u64 {
        self.origin
    }

    /// `set-origin`: on whose behalf guests run from now on. Whether that is another one.
    pub fn set_origin(&mut self, origin: u64) -> bool {
        let changed = core::mem::replace(&mut self.origin, origin) != origin;
        if changed {
            self.policy.told(Step::Origin(origin));
        }
        changed
    }

    /// `waits`: a component tells what one of its tasks waits for.
    pub fn waits(&mut self, component: u64, task: Option<u32>, what: &str) -> Result<(), P::Error> {
        let component = self.index(component)?;
        let function = task.and_then(|task| self.tasks.function(component, task));
        if let Some(waits) = &mut self.waits {
            Wait::add(waits, component, function, what);
        }
        Ok(())
    }

    /// Asks all components what their tasks wait for, which they tell when they are entered. `false`: they have told already.
    ///
    /// # Errors
    ///
    /// If there are too many events.
    pub fn ask_what_waits(&mut self) -> Result<bool, P::Error> {
        if self.waits.is_some() {
            return Ok(false);
        }
        self.waits = Some(Vec::new());
        self.components.ask_what_waits(&mut self.policy)?;
        Ok(true)
    }

    /// Whether a component has events, or has called `wake` since it took the last one.
    #[inline]
    pub fn has_events(&self, component: u64) -> Result<bool, P::Error> {
        Ok(self.components.has_events(self.index(component)?))
    }

    /// A guest that waits at a pipe or for a pollable, by its mailbox.
    #[inline]
    pub fn waiter<H>(&self, mailbox: u64, token: u32) -> Result<Waiter<H>, P::Error> {
        Ok(Waiter::Guest {
            component: self.components.by_mailbox(mailbox)?,
            token: value(token)?,
        })
    }

    /// Tells who waits. What waits on the host's side is looked after by the caller.
    #[inline]
    pub fn notify<H>(&mut self, waiter: Option<Waiter<H>>) -> Result<(), P::Error> {
        match waiter {
            Some(Waiter::Guest { component, token }) => self.send(component, token),
            Some(Waiter::Host(_)) | None => Ok(()),
        }
    }

    /// A task for work of the shell's own, which goes on behind the import `name`.
    pub fn make_work_task(&mut self, work: P::Work, name: &str) -> Result<u32, P::Error> {
        let task = self.tasks.make(&mut self.policy, Callee::Host(work))?;
        self.policy.told(Step::Made {
            task,
            component: 0,
            function: name,
        });
        Ok(task)
    }

    /// The work of a task is done.
    pub fn complete_work(&mut self, task: u32, output: P::Output) -> Result<(), P::Error> {
        self.policy.told(Step::Done { task, component: 0 });
        let caller = self.tasks.complete_work(task, output);
        self.task_done(caller)
    }

    /// What the work of a task came to. The task ends here.
    pub fn finish_work(&mut self, task: u32) -> Result<P::Output, P::Error> {
        self.policy.told(Step::Asked { task, component: 0 });
        match self.tasks.finish_work(task) {
            Ok(output) => {
                self.policy.told(Step::Fetched(task));
                Ok(output)
            }
            Err(refused) => Err(self.refusal(task, None, refused).into()),
        }
    }

    /// A call of the shell's own waits for a task; `true` if it is done already.
    pub fn subscribe_call(&mut self, task: u32, call: P::Call) -> Result<bool, P::Error> {
        self.policy.told(Step::HostWaits(task));
        Ok(self.tasks.subscribe(task, Waiter::Host(call))?)
    }

    /// How many tasks there are.
    pub fn task_count(&self) -> usize {
        self.tasks.len()
    }

    /// Whether there are components to enter.
    pub fn has_roots(&self) -> bool {
        self.components.has_roots()
    }

    /// The numbers of the components to enter: those that have something to do, and no importer.
    pub fn take_roots(&mut self, numbers: &mut Vec<u32>) {
        self.components.take_roots(numbers);
    }

    #[inline]
    fn index(&self, key: u64) -> Result<ComponentIndex, P::Error> {
        Ok(self.components.index(key)?)
    }

    #[inline]
    fn send(&mut self, component: ComponentIndex, token: u32) -> Result<(), P::Error> {
        self.policy.told(Step::Sent {
            component: component + 1,
            token,
        });
        self.components
            .post(&mut self.policy, component, Word::token(token))
    }

    #[inline]
    fn task_done(&mut self, caller: Option<Waiter<P::Call>>) -> Result<(), P::Error> {
        match caller {
            Some(Waiter::Guest { component, token }) => self.send(component, token),
            Some(Waiter::Host(call)) => {
                self.policy.call_done(call);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn cancelled(&mut self, task: u32) -> Option<Callee<P::Work>> {
        let callee = self.tasks.cancel(task);
        let component = match callee {
            Some(Callee::Guest { component, .. }) => component + 1,
            Some(Callee::Host(_)) | None => 0,
        };
        self.policy.told(Step::Cancelled { task, component });
        callee
    }

    /// Why `asked` (none: the host) does not have the result of `task`.
    #[cold]
    fn refusal(&self, task: u32, asked: Option<u32>, refused: Refused) -> Fault {
        let refusal = match refused {
            Refused::Unknown => Refusal::Unknown,
            Refused::OtherComponent => Refusal::OtherComponent,
            Refused::OtherFunction(called) => {
                Refusal::OtherFunction(self.functions.display(called).into())
            }
            Refused::NotDone => Refusal::NotDone,
        };
        Fault::NoResult {
            task,
            asked: asked.map(|function| self.functions.display(function).into()),
            refusal,
        }
    }
}
