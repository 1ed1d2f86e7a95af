//! Components, who imports whom, and the events on their way.

use crate::trap::trap;
use std::collections::VecDeque;

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
const VALUE_LIMIT: u32 = 1 << 30;

/// A component instance, by its place in the list; its number is one more.
pub type ComponentIndex = u32;

/// The components of this composition.
#[derive(Default)]
pub struct Components {
    list: Vec<Component>,
}

struct Component {
    key: u64,
    mailbox: u64,
    importers: Vec<ComponentIndex>,
    events: VecDeque<u32>,
    /// Whether the importers know that there is something.
    announced: bool,
    /// Tasks that their caller has cancelled, who enters the component at once to have them dropped.
    cancels: VecDeque<Cancelled>,
    /// Whether such a caller enters it now: it is told of `cancels` and of nothing else.
    only_cancels: bool,
    /// Whether it is to tell what its tasks wait for.
    asked: bool,
    /// How often it has asked to be entered again since anything else happened.
    wakes: u32,
}

/// So often a component asks to be entered again, while nothing else happens, before that is reported.
pub const SPINS: u32 = 1 << 20;

/// A task that was cancelled.
#[derive(Clone, Copy)]
pub struct Cancelled {
    /// The callee's own name for it.
    pub key: u32,
    /// The core's.
    pub task: u32,
}

/// What a component is told when it asks for its events.
#[derive(Clone, Copy)]
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
    pub const fn new() -> Self {
        Components { list: Vec::new() }
    }

    /// A new component's key.
    pub fn register(&mut self) -> u64 {
        let index = self.list.len() as u64;
        let key = numbered(2 * index, index);
        self.list.push(Component {
            key,
            mailbox: numbered(2 * index + 1, index),
            importers: Vec::new(),
            events: VecDeque::new(),
            announced: false,
            cancels: VecDeque::new(),
            only_cancels: false,
            asked: false,
            wakes: 0,
        });
        key
    }

    /// Whose key this is.
    pub fn index(&self, key: u64) -> ComponentIndex {
        let index = key as u32;
        match self.list.get(index as usize) {
            Some(component) if component.key == key => index,
            _ => trap("not a component key"),
        }
    }

    /// The number under which others can post to a component.
    pub fn mailbox(&self, component: ComponentIndex) -> u64 {
        self.list[component as usize].mailbox
    }

    /// Whose mailbox this is.
    pub fn by_mailbox(&self, mailbox: u64) -> ComponentIndex {
        let index = mailbox as u32;
        match self.list.get(index as usize) {
            Some(component) if component.mailbox == mailbox => index,
            _ => trap("not a mailbox"),
        }
    }

    /// `importer` imports what the component numbered `child` provides.
    pub fn link(&mut self, importer: ComponentIndex, child: u32) {
        let Some(child) = child.checked_sub(1) else {
            return;
        };
        let Some(component) = self.list.get_mut(child as usize) else {
            trap("a component is linked to a number that was never given out");
        };
        if !component.importers.contains(&importer) {
            component.importers.push(importer);
            if component.announced {
                self.post(importer, KIND_CHILD | (child + 1));
            }
        }
    }

    pub fn post_token(&mut self, to: ComponentIndex, token: u32) {
        self.post(to, KIND_TOKEN | token);
    }

    pub fn post_cancel(&mut self, to: ComponentIndex, key: u32) {
        self.post(to, KIND_CANCEL | key);
    }

    /// A task was cancelled by a caller who enters the component next. Nobody else is told: there is nothing left to do after
    /// that.
    pub fn cancel(&mut self, component: ComponentIndex, cancelled: Cancelled) {
        let component = &mut self.list[component as usize];
        component.cancels.push_back(cancelled);
        component.only_cancels = true;
    }

    /// The component has something to do that no event names. `true`, once: it seems to spin.
    pub fn wake(&mut self, component: ComponentIndex) -> bool {
        let wakes = &mut self.list[component as usize].wakes;
        *wakes = wakes.saturating_add(1);
        let spins = *wakes == SPINS;
        self.announce(component);
        spins
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
    pub fn ask_what_waits(&mut self) {
        for index in 0..self.list.len() {
            self.list[index].asked = true;
            self.announce(index as ComponentIndex);
        }
    }

    /// Whether there are events, or `wake` was called since the last one was taken.
    pub fn has_events(&self, component: ComponentIndex) -> bool {
        self.list[component as usize].announced
    }

    fn post(&mut self, to: ComponentIndex, word: u32) {
        let component = &mut self.list[to as usize];
        component.events.push_back(word);
        component.wakes = 0;
        self.announce(to);
    }

    /// Tells the importers, and theirs. A loop, since guests decide how deep this goes.
    fn announce(&mut self, index: ComponentIndex) {
        let mut announce = vec![index];
        while let Some(index) = announce.pop() {
            let component = &mut self.list[index as usize];
            if std::mem::replace(&mut component.announced, true) {
                continue;
            }
            for at in 0..component.importers.len() {
                let importer = self.list[index as usize].importers[at];
                let importing = &mut self.list[importer as usize];
                importing.events.push_back(KIND_CHILD | (index + 1));
                announce.push(importer);
            }
        }
    }
}

/// Tokens and keys share a word with the kind of the event.
pub fn value(value: u32) -> u32 {
    if value >= VALUE_LIMIT {
        trap("a token or a task key is not below 2^30");
    }
    value
}

/// The place in the lower half, and something to tell numbers apart in the upper half.
///
/// A mix of the place, not a secret: a module that imports nothing to be surprised by has none. It catches mistakes; that one
/// guest cannot impersonate another, as in the host, is not promised for guests that were lowered together.
fn numbered(seed: u64, index: u64) -> u64 {
    let mut mixed = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed & !0xffff_ffff) | index
}
