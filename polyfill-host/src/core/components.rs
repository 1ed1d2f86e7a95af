//! Components, who imports whom, and the events on their way.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};

use wasmtime::{Result, bail};

use super::budget::{Budget, Share};

/// The kinds of events: the two highest bits of the word.
const KIND_TOKEN: u32 = 0 << 30;
const KIND_CANCEL: u32 = 1 << 30;
const KIND_CHILD: u32 = 2 << 30;
/// What is answered when there is no event.
const NO_EVENT: u32 = 3 << 30;
/// The same for a component that was entered for its cancelled tasks alone: its other events wait.
const NO_MORE_CANCELS: u32 = NO_EVENT | 1;
/// The same for a component that is to tell what its tasks wait for.
const WHAT_WAITS: u32 = NO_EVENT | 2;
/// Values (tokens, task keys, component numbers) are below this.
pub const VALUE_LIMIT: u32 = 1 << 30;

/// An event, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// What waits under this token may go on.
    Token(u32),
    /// The task with this key was cancelled.
    Cancel(u32),
    /// The component with this number has events.
    Child(u32),
}

impl Event {
    /// `None`: there is none.
    pub fn of(word: u32) -> Option<Event> {
        let value = word & (VALUE_LIMIT - 1);
        match word - value {
            KIND_TOKEN => Some(Event::Token(value)),
            KIND_CANCEL => Some(Event::Cancel(value)),
            KIND_CHILD => Some(Event::Child(value)),
            _ => None,
        }
    }
}

/// A component instance, by its place in the list; its number is one more.
pub type ComponentIndex = u32;

/// The components of one store.
pub struct Components {
    list: Vec<Component>,
    secrets: RandomState,
    /// Those with events and without an importer: the host enters them.
    roots: Vec<ComponentIndex>,
    /// Those that `announce` has still to look at; kept for its allocation.
    to_announce: Vec<ComponentIndex>,
    max_components: usize,
    max_events: usize,
    budget: Budget,
}

struct Component {
    key: u64,
    mailbox: u64,
    importers: Vec<ComponentIndex>,
    events: VecDeque<u32>,
    /// Whether the importers know that there is something.
    announced: bool,
    /// Whether it is in `roots`.
    is_root: bool,
    /// Tasks that their caller has cancelled, who enters the component at once to have them dropped.
    cancels: VecDeque<Cancelled>,
    /// Whether such a caller enters it now: it is told of `cancels` and of nothing else.
    only_cancels: bool,
    /// Whether it is to tell what its tasks wait for.
    asked: bool,
    /// How often it has asked to be entered again since anything else happened.
    wakes: u32,
    /// For its events.
    share: Share,
}

impl Component {
    /// Adds an event.
    fn push(&mut self, word: u32, max: usize) -> Result<()> {
        if self.events.len() >= max {
            bail!("a component leaves more than {max} events (`-S max-events=N` allows more)");
        }
        self.events.push_back(word);
        self.share
            .hold(self.events.capacity() * size_of::<u32>(), "an event")
    }
}

/// So often a component asks to be entered again, while nothing else happens, before that is reported.
pub const SPINS: u32 = 1 << 20;

/// A task that was cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled {
    /// The callee's own name for it.
    pub key: u32,
    /// The core's.
    pub task: u32,
}

/// What a component is told when it asks for its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Its oldest event, or that there is none, and how many there are besides.
    Event(u32, u32),
    /// It was entered for its cancelled tasks alone: one of them.
    Cancelled(Cancelled),
    /// The same: there are no others.
    NoMoreCancels,
    /// There is no event, and it is to tell what its tasks wait for.
    WhatWaits,
}

impl Next {
    /// As `next-event` answers it.
    pub fn word(self) -> u64 {
        let (event, left) = match self {
            Next::Event(event, left) => (event, left),
            // `NoMoreCancels` is left at least.
            Next::Cancelled(Cancelled { key, .. }) => (KIND_CANCEL | key, 1),
            Next::NoMoreCancels => (NO_MORE_CANCELS, 0),
            Next::WhatWaits => (WHAT_WAITS, 0),
        };
        u64::from(left) << 32 | u64::from(event)
    }
}

impl Components {
    pub fn new(max_components: usize, max_events: usize, budget: &Budget) -> Self {
        Components {
            list: Vec::new(),
            secrets: RandomState::new(),
            roots: Vec::new(),
            to_announce: Vec::new(),
            max_components,
            max_events,
            budget: budget.clone(),
        }
    }

    /// A new component's key: its place in the lower half, a secret in the upper.
    pub fn register(&mut self) -> Result<u64> {
        if self.list.len() >= self.max_components {
            bail!(
                "more than {} components (`-S max-components=N` allows more)",
                self.max_components
            );
        }
        let index = self.list.len() as u64;
        let number = |kind: &str| (self.secrets.hash_one((kind, index)) << 32) | index;
        let key = number("key");
        self.list.push(Component {
            key,
            mailbox: number("mailbox"),
            importers: Vec::new(),
            events: VecDeque::new(),
            announced: false,
            is_root: false,
            share: self.budget.share(),
            cancels: VecDeque::new(),
            only_cancels: false,
            asked: false,
            wakes: 0,
        });
        Ok(key)
    }

    /// Whose key this is.
    pub fn index(&self, key: u64) -> Result<ComponentIndex> {
        let index = key as u32;
        match self.list.get(index as usize) {
            Some(component) if component.key == key => Ok(index),
            _ => bail!("not a component key"),
        }
    }

    /// The number under which others can post to a component.
    pub fn mailbox(&self, component: ComponentIndex) -> u64 {
        self.list[component as usize].mailbox
    }

    /// Whose mailbox this is.
    pub fn by_mailbox(&self, mailbox: u64) -> Result<ComponentIndex> {
        let index = mailbox as u32;
        match self.list.get(index as usize) {
            Some(component) if component.mailbox == mailbox => Ok(index),
            _ => bail!("not a mailbox"),
        }
    }

    /// `importer` imports what the component numbered `child` provides.
    pub fn link(&mut self, importer: ComponentIndex, child: u32) -> Result<()> {
        if child == 0 {
            return Ok(());
        }
        let child = child - 1;
        let Some(component) = self.list.get_mut(child as usize) else {
            bail!("no component has the number {}", child + 1);
        };
        if !component.importers.contains(&importer) {
            component.importers.push(importer);
            if component.announced {
                self.post(importer, KIND_CHILD | (child + 1))?;
            }
        }
        Ok(())
    }

    pub fn post_token(&mut self, to: ComponentIndex, token: u32) -> Result<()> {
        self.post(to, KIND_TOKEN | token)
    }

    pub fn post_cancel(&mut self, to: ComponentIndex, key: u32) -> Result<()> {
        self.post(to, KIND_CANCEL | key)
    }

    /// A task was cancelled by a caller who enters the component next. Nobody else is told: there is nothing left to do after
    /// that.
    pub fn cancel(&mut self, component: ComponentIndex, cancelled: Cancelled) -> Result<()> {
        let component = &mut self.list[component as usize];
        if component.cancels.len() >= self.max_events {
            bail!("a component leaves more than {} events", self.max_events);
        }
        component.cancels.push_back(cancelled);
        component.only_cancels = true;
        Ok(())
    }

    /// The component has something to do that no event names. `true`, once: it seems to spin.
    pub fn wake(&mut self, component: ComponentIndex) -> Result<bool> {
        let wakes = &mut self.list[component as usize].wakes;
        *wakes = wakes.saturating_add(1);
        let spins = *wakes == SPINS;
        self.announce(component)?;
        Ok(spins)
    }

    /// The component gets somewhere.
    pub fn goes_on(&mut self, component: ComponentIndex) {
        self.list[component as usize].wakes = 0;
    }

    /// What a component is told when it asks for its events. After the last one the importers will hear of the next one anew.
    pub fn next_event(&mut self, component: ComponentIndex) -> Next {
        let component = &mut self.list[component as usize];
        if component.only_cancels {
            if let Some(cancelled) = component.cancels.pop_front() {
                return Next::Cancelled(cancelled);
            }
            component.only_cancels = false;
            return Next::NoMoreCancels;
        }
        let event = component.events.pop_front();
        if event.is_none() && std::mem::take(&mut component.asked) {
            component.announced = false;
            return Next::WhatWaits;
        }
        let left = component.events.len() as u32 + u32::from(component.asked);
        component.announced = left > 0;
        Next::Event(event.unwrap_or(NO_EVENT), left)
    }

    /// Has every component entered, to tell what its tasks wait for.
    pub fn ask_what_waits(&mut self) -> Result<()> {
        for index in 0..self.list.len() {
            self.list[index].asked = true;
            self.announce(index as ComponentIndex)?;
        }
        Ok(())
    }

    /// Whether there are events, or `wake` was called since the last one was taken.
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

    fn post(&mut self, to: ComponentIndex, word: u32) -> Result<()> {
        let component = &mut self.list[to as usize];
        component.push(word, self.max_events)?;
        component.wakes = 0;
        self.announce(to)
    }

    /// Tells the importers, and theirs, up to the host. A loop, since a guest decides how deep this goes.
    fn announce(&mut self, index: ComponentIndex) -> Result<()> {
        self.to_announce.clear();
        self.to_announce.push(index);
        while let Some(index) = self.to_announce.pop() {
            let component = &mut self.list[index as usize];
            if std::mem::replace(&mut component.announced, true) {
                continue;
            }
            if component.importers.is_empty() {
                if !std::mem::replace(&mut component.is_root, true) {
                    self.roots.push(index);
                }
                continue;
            }
            for at in 0..self.list[index as usize].importers.len() {
                let importer = self.list[index as usize].importers[at];
                self.list[importer as usize].push(KIND_CHILD | (index + 1), self.max_events)?;
                self.to_announce.push(importer);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn components() -> Components {
        Components::new(8, 8, &Budget::new(1 << 20))
    }

    /// All events of a component.
    fn take(components: &mut Components, component: ComponentIndex) -> Vec<u32> {
        let mut events = Vec::new();
        loop {
            let Next::Event(event, left) = components.next_event(component) else {
                panic!("nothing was cancelled");
            };
            if event == NO_EVENT {
                return events;
            }
            events.push(event);
            assert_eq!(components.has_events(component), left > 0);
        }
    }

    #[test]
    fn a_forged_key_is_refused() {
        let mut components = components();
        let key = components.register().unwrap();
        assert_eq!(components.index(key).unwrap(), 0);
        assert!(components.index(key ^ (1 << 40)).is_err());
        assert!(components.index(key + 1).is_err());
        let mailbox = components.mailbox(0);
        assert_eq!(components.by_mailbox(mailbox).unwrap(), 0);
        assert!(components.index(mailbox).is_err() && components.by_mailbox(key).is_err());
    }

    #[test]
    fn an_event_reaches_the_root_through_every_importer() {
        let mut components = components();
        let [a, b, c] = [(); 3].map(|()| {
            let key = components.register().unwrap();
            components.index(key).unwrap()
        });
        components.link(a, b + 1).unwrap();
        components.link(b, c + 1).unwrap();

        components.post_token(c, 7).unwrap();
        components.post_token(c, 8).unwrap();
        let mut roots = Vec::new();
        components.take_roots(&mut roots);
        assert_eq!(roots, [a + 1]);
        assert_eq!(take(&mut components, a), [KIND_CHILD | (b + 1)]);
        assert_eq!(take(&mut components, b), [KIND_CHILD | (c + 1)]);
        assert_eq!(take(&mut components, c), [7, 8]);
        assert!(!components.has_events(c));
    }

    #[test]
    fn an_event_before_the_link_is_not_lost() {
        let mut components = components();
        let [a, b] = [(); 2].map(|()| {
            let key = components.register().unwrap();
            components.index(key).unwrap()
        });
        components.post_cancel(b, 3).unwrap();
        components.link(a, b + 1).unwrap();
        let mut roots = Vec::new();
        components.take_roots(&mut roots);
        assert_eq!(roots, [a + 1]);
        assert_eq!(take(&mut components, b), [KIND_CANCEL | 3]);
    }

    #[test]
    fn a_root_is_entered_once_and_only_for_events_it_has_not_taken() {
        let mut components = components();
        let key = components.register().unwrap();
        let a = components.index(key).unwrap();
        let mut roots = Vec::new();
        components.post_token(a, 1).unwrap();
        take(&mut components, a);
        components.take_roots(&mut roots);
        assert!(roots.is_empty());

        components.post_token(a, 1).unwrap();
        take(&mut components, a);
        components.post_token(a, 2).unwrap();
        components.take_roots(&mut roots);
        assert_eq!(roots, [a + 1]);
    }

    #[test]
    fn a_component_that_is_entered_for_a_cancelled_task_is_told_of_nothing_else() {
        let mut components = components();
        let key = components.register().unwrap();
        let a = components.index(key).unwrap();
        components.post_token(a, 7).unwrap();
        for task in [1, 2] {
            let cancelled = Cancelled { key: 3, task };
            components.cancel(a, cancelled).unwrap();
            assert_eq!(components.next_event(a), Next::Cancelled(cancelled));
            assert_eq!(components.next_event(a), Next::NoMoreCancels);
            assert!(components.has_events(a), "the others wait");
        }
        assert_eq!(take(&mut components, a), [7]);
    }

    #[test]
    fn a_component_that_only_wakes_itself_is_noticed_once() {
        let mut components = components();
        let key = components.register().unwrap();
        let a = components.index(key).unwrap();
        let spins = |components: &mut Components, wakes: u32| {
            (0..wakes).filter(|_| components.wake(a).unwrap()).count()
        };
        assert_eq!(spins(&mut components, SPINS - 1), 0);
        components.post_token(a, 7).unwrap();
        assert_eq!(spins(&mut components, SPINS - 1), 0);
        components.goes_on(a);
        assert_eq!(spins(&mut components, SPINS - 1), 0);
        assert_eq!(spins(&mut components, 2 * SPINS), 1);
    }

    #[test]
    fn a_component_that_is_asked_what_waits_is_told_so_after_its_events() {
        let mut components = components();
        let [a, b] = [(); 2].map(|()| {
            let key = components.register().unwrap();
            components.index(key).unwrap()
        });
        components.link(a, b + 1).unwrap();
        components.ask_what_waits().unwrap();
        assert_eq!(
            components.next_event(a),
            Next::Event(KIND_CHILD | (b + 1), 1)
        );
        assert_eq!(components.next_event(a), Next::WhatWaits);
        assert_eq!(components.next_event(b), Next::WhatWaits);
        for component in [a, b] {
            assert!(!components.has_events(component));
            assert!(take(&mut components, component).is_empty());
        }
    }

    #[test]
    fn a_cancelled_task_alone_is_no_reason_to_be_entered_again() {
        let mut components = components();
        let key = components.register().unwrap();
        let a = components.index(key).unwrap();
        components.cancel(a, Cancelled { key: 3, task: 1 }).unwrap();
        assert!(!components.has_events(a) && !components.has_roots());
    }

    #[test]
    fn a_cycle_of_links_ends() {
        let mut components = components();
        let [a, b] = [(); 2].map(|()| {
            let key = components.register().unwrap();
            components.index(key).unwrap()
        });
        components.link(a, b + 1).unwrap();
        components.link(b, a + 1).unwrap();
        components.wake(a).unwrap();
        assert!(components.has_events(b));
    }

    #[test]
    fn limits_trap() {
        let mut components = Components::new(1, 2, &Budget::new(1 << 20));
        let key = components.register().unwrap();
        assert!(components.register().is_err());
        let a = components.index(key).unwrap();
        components.post_token(a, 1).unwrap();
        components.post_token(a, 2).unwrap();
        assert!(components.post_token(a, 3).is_err());
    }
}
