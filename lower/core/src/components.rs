//! Components, who imports whom, and the events on their way.

use crate::trap::trap;
use std::collections::VecDeque;

/// The kinds of events: the two highest bits of the word.
const KIND_TOKEN: u32 = 0 << 30;
const KIND_CANCEL: u32 = 1 << 30;
const KIND_CHILD: u32 = 2 << 30;
/// What is answered when there is no event.
const NO_EVENT: u32 = 3 << 30;
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

    /// The component has something to do that no event names.
    pub fn wake(&mut self, component: ComponentIndex) {
        self.announce(component);
    }

    /// A component's oldest event, or that there is none, and how many there are besides. After the last one the importers
    /// will hear of the next one anew.
    pub fn next_event(&mut self, component: ComponentIndex) -> (u32, u32) {
        let component = &mut self.list[component as usize];
        let event = component.events.pop_front().unwrap_or(NO_EVENT);
        component.announced = !component.events.is_empty();
        (event, component.events.len() as u32)
    }

    /// Whether there are events, or `wake` was called since the last one was taken.
    pub fn has_events(&self, component: ComponentIndex) -> bool {
        self.list[component as usize].announced
    }

    fn post(&mut self, to: ComponentIndex, word: u32) {
        self.list[to as usize].events.push_back(word);
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
