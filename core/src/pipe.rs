//! The state machine: one demand, one offer, and what happens when they meet.

use crate::Items;

/// What a read or a write came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// It is complete.
    Ready(T),
    /// It stands; its waiter is handed back once the other end has acted.
    Blocked,
    /// The other end is gone, and nothing was moved.
    Closed,
}

/// A pipe. `I` is what moves, `W` names whom to wake.
///
/// Every method that may end the other side's waiting returns that side's waiter: the caller wakes it.
/// An end has one operation under way at most; the methods say what they do when this is broken.
#[derive(Debug)]
pub struct Pipe<I, W> {
    demand: Option<Demand<I, W>>,
    offer: Option<Offer<I, W>>,
    /// What nobody took from the last offer, kept for `take_back`, and for `written` to offer again.
    leftover: I,
    /// Of a write of no items that is complete: told when the reader is dropped.
    watcher: Option<W>,
    reader_dropped: bool,
    writer_dropped: bool,
}

/// A read under way.
#[derive(Debug)]
struct Demand<I, W> {
    max: usize,
    got: I,
    done: bool,
    waiter: Option<W>,
}

/// A write under way.
#[derive(Debug)]
struct Offer<I, W> {
    items: I,
    taken: usize,
    done: bool,
    waiter: Option<W>,
}

impl<I: Items, W> Default for Pipe<I, W> {
    fn default() -> Self {
        Pipe {
            demand: None,
            offer: None,
            leftover: I::default(),
            watcher: None,
            reader_dropped: false,
            writer_dropped: false,
        }
    }
}

impl<I: Items, W> Pipe<I, W> {
    /// Reads up to `max` items, or collects the outcome of the read that stands (its `max` holds).
    ///
    /// `max` 0 completes, with nothing, as soon as a writer offers items.
    pub fn read(&mut self, max: usize, waiter: W) -> (Outcome<I>, Option<W>) {
        if let Some(demand) = &mut self.demand {
            if demand.done {
                return (Outcome::Ready(self.end_demand()), None);
            }
            if self.writer_dropped {
                self.demand = None;
                return (Outcome::Closed, None);
            }
            demand.waiter = Some(waiter);
            return (Outcome::Blocked, None);
        }

        let mut wake = None;
        match &mut self.offer {
            _ if self.writer_dropped => return (Outcome::Closed, None),
            Some(offer) if !offer.items.is_empty() => {
                let n = max.min(offer.items.len());
                let items = offer.items.split_front(n);
                if n > 0 {
                    offer.taken += n;
                    offer.done = true;
                    wake = offer.waiter.take();
                }
                return (Outcome::Ready(items), wake);
            }
            // A write of no items only waits for a reader, and here is one.
            Some(offer) => {
                offer.done = true;
                wake = offer.waiter.take();
            }
            None => {}
        }
        self.demand = Some(Demand {
            max,
            got: I::default(),
            done: false,
            waiter: Some(waiter),
        });
        (Outcome::Blocked, wake)
    }

    /// Ends the read that stands, if any: what it had received already.
    pub fn cancel_read(&mut self) -> I {
        self.end_demand()
    }

    /// Gives back the last items that a read has taken from the write that stands, as if they had never been taken.
    ///
    /// False, and the items are lost, if that write is over: its writer has been told how many were taken.
    pub fn unread(&mut self, items: I) -> bool {
        if items.is_empty() {
            return true;
        }
        let Some(offer) = &mut self.offer else {
            return false;
        };
        let Some(taken) = offer.taken.checked_sub(items.len()) else {
            return false;
        };
        offer.taken = taken;
        offer.done = taken > 0;
        let rest = core::mem::replace(&mut offer.items, items);
        offer.items.append(rest);
        true
    }

    /// Offers `items`: how many were taken at once, or the offer stands until `written` answers.
    ///
    /// No items: complete as soon as a reader waits; the waiter of the last such write is handed back, once more, when the
    /// reader is dropped while no other write stands. What is offered while an earlier offer stands
    /// joins it (an end has one write under way; callers that can't trust theirs check `is_offering`).
    pub fn write(&mut self, items: I, waiter: W) -> (Outcome<usize>, Option<W>) {
        if let Some(offer) = &mut self.offer {
            offer.items.append(items);
            offer.waiter = Some(waiter);
            return (Outcome::Blocked, None);
        }
        self.leftover = I::default();
        if self.reader_dropped {
            self.leftover = items;
            return (Outcome::Closed, None);
        }

        let mut items = items;
        let mut wake = None;
        if let Some(demand) = &mut self.demand {
            let room = demand.max - demand.got.len();
            if room > 0 {
                let n = room.min(items.len());
                if n > 0 {
                    demand.got.append(items.split_front(n));
                    demand.done = true;
                    wake = demand.waiter.take();
                    self.leftover = items;
                } else {
                    self.watcher = Some(waiter);
                }
                return (Outcome::Ready(n), wake);
            }
            if demand.max == 0 {
                if items.is_empty() {
                    self.watcher = Some(waiter);
                    return (Outcome::Ready(0), None);
                }
                demand.done = true;
                wake = demand.waiter.take();
            }
        }
        self.offer = Some(Offer {
            items,
            taken: 0,
            done: false,
            waiter: Some(waiter),
        });
        (Outcome::Blocked, wake)
    }

    /// The outcome of the write that stands: how many items were taken.
    ///
    /// Without one, what nobody took of the last write is offered again, as [`write`](Pipe::write) would offer it, but without
    /// moving an item. So a large write that is taken in small parts costs what is taken, not what remains. Nothing is left:
    /// `Ready(0)`.
    pub fn written(&mut self, waiter: W) -> (Outcome<usize>, Option<W>) {
        let outcome = match &mut self.offer {
            Some(offer) if offer.taken == 0 && self.reader_dropped => {
                self.end_offer();
                Outcome::Closed
            }
            Some(offer) if !offer.done => {
                offer.waiter = Some(waiter);
                Outcome::Blocked
            }
            Some(offer) => {
                if offer.taken == 0 {
                    // It was of no items.
                    self.watcher = Some(waiter);
                }
                Outcome::Ready(self.end_offer())
            }
            None if self.leftover.is_empty() => Outcome::Ready(0),
            None => {
                let items = self.take_back();
                return self.write(items, waiter);
            }
        };
        (outcome, None)
    }

    /// Ends the write that stands, if any: how many items were taken.
    pub fn cancel_write(&mut self) -> usize {
        self.end_offer()
    }

    /// The items of the last offer that nobody took.
    pub fn take_back(&mut self) -> I {
        core::mem::take(&mut self.leftover)
    }

    /// Drops the reading end; a demand that stands is given up with what it had received, which is returned.
    pub fn drop_reader(&mut self) -> (I, Option<W>) {
        self.reader_dropped = true;
        let lost = self.end_demand();
        let watcher = self.watcher.take();
        let wake = match &mut self.offer {
            Some(offer) => offer.waiter.take(),
            None => watcher,
        };
        (lost, wake)
    }

    /// Drops the writing end; an offer that stands is withdrawn and returned, with what was left over.
    pub fn drop_writer(&mut self) -> (I, Option<W>) {
        self.writer_dropped = true;
        self.end_offer();
        let withdrawn = self.take_back();
        (
            withdrawn,
            self.demand.as_mut().and_then(|d| d.waiter.take()),
        )
    }

    /// Who waits in a read, and who in a write.
    pub fn waiters(&self) -> (Option<&W>, Option<&W>) {
        (
            self.demand
                .as_ref()
                .and_then(|demand| demand.waiter.as_ref()),
            self.offer.as_ref().and_then(|offer| offer.waiter.as_ref()),
        )
    }

    /// Roughly how many bytes of memory the items take that are in it.
    pub fn weight(&self) -> usize {
        self.leftover.weight()
            + self.offer.as_ref().map_or(0, |offer| offer.items.weight())
            + self.demand.as_ref().map_or(0, |demand| demand.got.weight())
    }

    /// Whether a write stands that `written` or `cancel_write` has not ended.
    pub fn is_offering(&self) -> bool {
        self.offer.is_some()
    }

    /// Whether a read stands that `read` or `cancel_read` has not ended.
    pub fn is_demanding(&self) -> bool {
        self.demand.is_some()
    }

    fn end_demand(&mut self) -> I {
        self.demand.take().map(|d| d.got).unwrap_or_default()
    }

    fn end_offer(&mut self) -> usize {
        match self.offer.take() {
            Some(offer) => {
                self.leftover = offer.items;
                offer.taken
            }
            None => 0,
        }
    }
}
