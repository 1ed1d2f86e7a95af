//! Components, who imports whom, and the events on their way.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::{Fault, Kind, Policy, Word};

/// A component instance, by its place in the list; its number is one more.
pub type ComponentIndex = u32;

/// So often a component asks to be entered again, while nothing else happens, before that is reported.
pub const SPINS: u32 = 1 << 20;

/// The components of one core.
pub(crate) struct Components {
    list: Vec<Component>,
    /// Those with events and without an importer: the host enters them.
    roots: Vec<ComponentIndex>,
    /// Those that `announce` has still to look at; kept for its allocation.
    to_announce: Vec<ComponentIndex>,
}

struct Component {
    key: u64,
    mailbox: u64,
    importers: Vec<ComponentIndex>,
    events: VecDeque<Word>,
    /// Whether the importers know that there is something.
    announced: bool,
    /// Whether it is in `roots`.
    is_root: bool,
    /// Tasks that their caller has cancelled, who enters the component at once to have them dropped.
    cancels: VecDeque<CancelledTask>,
    /// Whether such a caller enters it now: it is told of `cancels` and of nothing else.
    only_cancels: bool,
    /// Whether it is to tell what its tasks wait for.
    asked: bool,
    /// How often it has asked to be entered again since anything else happened.
    wakes: u32,
}

/// A task that was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CancelledTask {
    /// The callee's own name for it.
    pub key: u32,
    /// The core's.
    pub task: u32,
}

impl Component {
    /// Adds an event.
    #[inline]
    fn push<P: Policy>(&mut self, policy: &mut P, word: Word) -> Result<(), P::Error> {
        policy.admit(Kind::Event, self.events.len())?;
        let before = self.events.capacity();
        self.events.push_back(word);
        let after = self.events.capacity();
        if before != after {
            let bytes = |capacity| capacity * size_of::<Word>();
            policy.resized(Kind::Event, bytes(before), bytes(after))?;
        }
        Ok(())
    }
}

impl Components {
    pub const fn new() -> Self {
        Components {
            list: Vec::new(),
            roots: Vec::new(),
            to_announce: Vec::new(),
        }
    }

    /// A new component's key: its place in the lower half, and what tells it from a guess in the upper half.
    pub fn register<P: Policy>(&mut self, policy: &mut P) -> Result<u64, P::Error> {
        policy.admit(Kind::Component, self.list.len())?;
        let index = self.list.len() as u64;
        let mut number = |seed| policy.secret(seed) & !0xffff_ffff | index;
        let (key, mailbox) = (number(2 * index), number(2 * index + 1));
        self.list.push(Component {
            key,
            mailbox,
            importers: Vec::new(),
            events: VecDeque::new(),
            announced: false,
            is_root: false,
            cancels: VecDeque::new(),
            only_cancels: false,
            asked: false,
            wakes: 0,
        });
        Ok(key)
    }

    /// Whose key this is.
    #[inline]
    pub fn index(&self, key: u64) -> Result<ComponentIndex, Fault> {
        let index = key as u32;
        match self.list.get(index as usize) {
            Some(component) if component.key == key => Ok(index),
            _ => Err(Fault::NotAKey),
        }
    }

    /// The number under which others can post to a component.
    pub fn mailbox(&self, component: ComponentIndex) -> u64 {
        self.list[component as usize].mailbox
    }

    /// Whose mailbox this is.
    #[inline]
    pub fn by_mailbox(&self, mailbox: u64) -> Result<ComponentIndex, Fault> {
        let index = mailbox as u32;
        match self.list.get(index as usize) {
            Some(component) if component.mailbox == mailbox => Ok(index),
            _ => Err(Fault::NotAMailbox),
        }
    }

    /// `importer` imports what the component numbered `child` provides.
    pub fn link<P: Policy>(
        &mut self,
        policy: &mut P,
        importer: ComponentIndex,
        child: u32,
    ) -> Result<(), P::Error> {
        let Some(index) = child.checked_sub(1) else {
            return Ok(());
        };
        let Some(component) = self.list.get_mut(index as usize) else {
            return Err(Fault::UnknownComponent(child).into());
        };
        if !component.importers.contains(&importer) {
            component.importers.push(importer);
            if component.announced {
                self.post(policy, importer, Word::child(child))?;
            }
        }
        Ok(())
    }

    /// A task was cancelled by a caller who enters the component next. Nobody else is told: there is nothing left to do after
    /// that.
    pub fn cancel<P: Policy>(
        &mut self,
        policy: &mut P,
        component: ComponentIndex,
        cancelled: CancelledTask,
    ) -> Result<(), P::Error> {
        let component = &mut self.list[component as usize];
        policy.admit(Kind::Event, component.cancels.len())?;
        component.cancels.push_back(cancelled);
        component.only_cancels = true;
        Ok(())
    }

    /// The component has something to do that no event names. `true`, once: it seems to spin.
    #[inline]
    pub fn wake<P: Policy>(
        &mut self,
        policy: &mut P,
        component: ComponentIndex,
    ) -> Result<bool, P::Error> {
        let wakes = &mut self.list[component as usize].wakes;
        *wakes = wakes.saturating_add(1);
        let spins = *wakes == SPINS;
        self.announce(policy, component)?;
        Ok(spins)
    }

    /// The component gets somewhere.
    #[inline]
    pub fn goes_on(&mut self, component: ComponentIndex) {
        self.list[component as usize].wakes = 0;
    }

    /// Whether the component is entered for its cancelled tasks alone.
    #[inline]
    pub fn is_for_cancels(&self, component: ComponentIndex) -> bool {
        self.list[component as usize].only_cancels
    }

    /// One of the cancelled tasks for which the component is entered. `None`, once: there are no others.
    pub fn next_cancel(&mut self, component: ComponentIndex) -> Option<CancelledTask> {
        let component = &mut self.list[component as usize];
        let cancelled = component.cancels.pop_front();
        component.only_cancels = cancelled.is_some();
        cancelled
    }

    /// The component's oldest event, and how many there are besides. After the last one the importers will hear of the next one
    /// anew.
    #[inline]
    pub fn next_event(&mut self, component: ComponentIndex) -> (Word, u32) {
        let component = &mut self.list[component as usize];
        let event = component.events.pop_front();
        if event.is_none() && core::mem::take(&mut component.asked) {
            component.announced = false;
            return (Word::WHAT_WAITS, 0);
        }
        let left = component.events.len() as u32 + u32::from(component.asked);
        component.announced = left > 0;
        (event.unwrap_or(Word::NOTHING), left)
    }

    /// Has every component entered, to tell what its tasks wait for.
    pub fn ask_what_waits<P: Policy>(&mut self, policy: &mut P) -> Result<(), P::Error> {
        for index in 0..self.list.len() {
            self.list[index].asked = true;
            self.announce(policy, index as ComponentIndex)?;
        }
        Ok(())
    }

    /// Whether there are events, or `wake` was called since the last one was taken.
    #[inline]
    pub fn has_events(&self, component: ComponentIndex) -> bool {
        self.list[component as usize].announced
    }

    /// Whether the host has to enter any.
    pub fn has_roots(&self) -> bool {
        !self.roots.is_empty()
    }

    /// The numbers of the components that the host has to enter.
    pub fn take_roots(&mut self, numbers: &mut Vec<u32>) {
        for index in self.roots.drain(..) {
            let component = &mut self.list[index as usize];
            component.is_root = false;
            // One that was linked meanwhile is entered by its importer; one that has taken its events needs not be entered.
            if component.importers.is_empty() && component.announced {
                numbers.push(index + 1);
            }
        }
    }

    /// Sends a component an event.
    #[inline]
    pub fn post<P: Policy>(
        &mut self,
        policy: &mut P,
        to: ComponentIndex,
        word: Word,
    ) -> Result<(), P::Error> {
        let component = &mut self.list[to as usize];
        component.push(policy, word)?;
        component.wakes = 0;
        self.announce(policy, to)
    }

    /// Tells the importers, and theirs, up to the host. A loop, since a guest decides how deep this goes.
    fn announce<P: Policy>(
        &mut self,
        policy: &mut P,
        index: ComponentIndex,
    ) -> Result<(), P::Error> {
        self.to_announce.clear();
        self.to_announce.push(index);
        while let Some(index) = self.to_announce.pop() {
            let component = &mut self.list[index as usize];
            if core::mem::replace(&mut component.announced, true) {
                continue;
            }
            if component.importers.is_empty() {
                if !core::mem::replace(&mut component.is_root, true) {
                    self.roots.push(index);
                }
                continue;
            }
            for at in 0..self.list[index as usize].importers.len() {
                let importer = self.list[index as usize].importers[at];
                self.list[importer as usize].push(policy, Word::child(index + 1))?;
                self.to_announce.push(importer);
            }
        }
        Ok(())
    }
}
