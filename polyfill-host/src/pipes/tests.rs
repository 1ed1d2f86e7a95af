//! Pipes with a guest at one end, or both, or none.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use isyswasfa_core::{Event, Outcome, take_apart};

use super::{OneShot, PipeKind, Pipes, Sink, Source, sink_once};
use crate::core::{Budget, Core, Limits, Waiter, Wake};

type Items = Vec<u8>;

struct Fixture {
    core: Core,
    pipes: Pipes<Items>,
    budget: Budget,
    component: u64,
    mailbox: u64,
}

/// For the table of pipes, and for little more.
const ROOM: usize = 8 << 10;

const TOKEN: u32 = 7;
const OTHER: u32 = 8;

impl Fixture {
    fn new() -> Self {
        Fixture::of(PipeKind::BYTES)
    }

    fn of(kind: PipeKind) -> Self {
        let mut core = Core::new(Limits::default());
        let budget = Budget::new(ROOM);
        let component = core.machine.register().unwrap();
        let mailbox = core.machine.mailbox(component).unwrap();
        Fixture {
            core,
            pipes: Pipes::new(0, kind, 10, &budget),
            budget,
            component,
            mailbox,
        }
    }

    fn waiter(&self, token: u32) -> Waiter {
        self.core.waiter(self.mailbox, token).unwrap()
    }

    fn read(&mut self, pipe: u32, max: usize) -> Outcome<Items> {
        let waiter = self.waiter(TOKEN);
        self.pipes.read(&mut self.core, pipe, waiter, max).unwrap()
    }

    fn write(&mut self, pipe: u32, items: &[u8]) -> Outcome<usize> {
        let waiter = self.waiter(OTHER);
        self.pipes
            .write(&mut self.core, pipe, waiter, items.to_vec())
            .unwrap()
    }

    fn written(&mut self, pipe: u32) -> Outcome<usize> {
        let waiter = self.waiter(OTHER);
        self.pipes.written(&mut self.core, pipe, waiter).unwrap()
    }

    fn drop_reader(&mut self, pipe: u32) {
        self.pipes.drop_reader(&mut self.core, pipe).unwrap();
    }

    fn drop_writer(&mut self, pipe: u32) {
        self.pipes.drop_writer(&mut self.core, pipe).unwrap();
    }

    fn events(&mut self) -> Vec<u32> {
        let mut events = Vec::new();
        loop {
            let answer = self.core.machine.next_event(self.component).unwrap();
            match take_apart(answer).0.event() {
                Some(Event::Token(token)) => events.push(token),
                Some(other) => panic!("expected a token, got {other:?}"),
                None => return events,
            }
        }
    }

    /// What the driver does with word that wakers left.
    fn wake(&mut self) {
        let mut wakes = Vec::new();
        self.core.queue().take(&mut wakes);
        for wake in wakes {
            if let Wake::Pipe(id) = wake {
                self.pipes.pump(&mut self.core, id).unwrap();
            }
        }
    }
}

/// What a test has in its hands of a source or a sink.
#[derive(Clone, Default)]
struct Far(Arc<Mutex<FarState>>);

#[derive(Default)]
struct FarState {
    /// For the source to bring, `None` the end; of the sink, what it got.
    items: VecDeque<Option<Items>>,
    room: usize,
    closed: bool,
    gone: bool,
    dropped: bool,
    waker: Option<Waker>,
}

impl Far {
    fn bring(&self, items: Option<&[u8]>) {
        self.change(|state| state.items.push_back(items.map(<[u8]>::to_vec)));
    }

    fn change(&self, change: impl FnOnce(&mut FarState)) {
        let mut state = self.0.lock().unwrap();
        change(&mut state);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    fn got(&self) -> Items {
        let mut state = self.0.lock().unwrap();
        state.items.drain(..).flatten().flatten().collect()
    }

    fn is_dropped(&self) -> bool {
        self.0.lock().unwrap().dropped
    }

    fn is_closed(&self) -> bool {
        self.0.lock().unwrap().closed
    }
}

struct Near(Far);

impl Drop for Near {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().dropped = true;
    }
}

impl Source<Items> for Near {
    fn poll_items(&mut self, cx: &mut Context<'_>, _max: usize) -> Poll<Option<Items>> {
        let mut state = self.0.0.lock().unwrap();
        match state.items.pop_front() {
            Some(items) => Poll::Ready(items),
            None => {
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Sink<Items> for Near {
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Option<usize>> {
        let mut state = self.0.0.lock().unwrap();
        if state.gone {
            return Poll::Ready(None);
        }
        if state.room == 0 {
            state.waker = Some(cx.waker().clone());
            return Poll::Pending;
        }
        Poll::Ready(Some(state.room))
    }

    fn put(&mut self, items: Items) {
        let mut state = self.0.0.lock().unwrap();
        state.room -= items.len();
        state.items.push_back(Some(items));
    }

    fn close(self: Box<Self>) {
        self.0.0.lock().unwrap().closed = true;
    }
}

#[test]
fn a_source_is_read_when_a_guest_reads() {
    let mut test = Fixture::new();
    let far = Far::default();
    let pipe = test
        .pipes
        .add_source(&test.core, Near(far.clone()))
        .unwrap();
    assert_eq!(test.read(pipe, 2), Outcome::Blocked);
    far.bring(Some(b"abc"));
    test.wake();
    assert_eq!(test.events(), [TOKEN]);
    assert_eq!(test.read(pipe, 2), Outcome::Ready(b"ab".to_vec()));
    // What was too much comes next, at once, without the source.
    assert_eq!(test.read(pipe, 2), Outcome::Ready(b"c".to_vec()));
    far.bring(Some(b"d"));
    far.bring(None);
    assert_eq!(test.read(pipe, 2), Outcome::Ready(b"d".to_vec()));
    assert_eq!(test.read(pipe, 2), Outcome::Closed);
    test.drop_reader(pipe);
    assert_eq!(test.pipes.len(), 0);
}

#[test]
fn an_empty_read_waits_for_a_source_and_loses_nothing() {
    let mut test = Fixture::new();
    let far = Far::default();
    let pipe = test
        .pipes
        .add_source(&test.core, Near(far.clone()))
        .unwrap();
    assert_eq!(test.read(pipe, 0), Outcome::Blocked);
    far.bring(Some(b"abc"));
    test.wake();
    assert_eq!(test.events(), [TOKEN]);
    assert_eq!(test.read(pipe, 0), Outcome::Ready(vec![]));
    assert_eq!(test.read(pipe, 1), Outcome::Ready(b"a".to_vec()));
    assert_eq!(test.read(pipe, 9), Outcome::Ready(b"bc".to_vec()));
}

#[test]
fn a_read_can_be_cancelled_before_and_after_a_source_gave() {
    let mut test = Fixture::new();
    let far = Far::default();
    let pipe = test
        .pipes
        .add_source(&test.core, Near(far.clone()))
        .unwrap();
    assert_eq!(test.read(pipe, 2), Outcome::Blocked);
    assert_eq!(test.pipes.cancel_read(pipe).unwrap(), b"");
    far.bring(Some(b"ab"));
    test.wake();
    assert_eq!(test.events(), [] as [u32; 0]);
    assert_eq!(test.read(pipe, 1), Outcome::Ready(b"a".to_vec()));
    assert_eq!(test.read(pipe, 1), Outcome::Ready(b"b".to_vec()));
    assert_eq!(test.read(pipe, 1), Outcome::Blocked);
    far.bring(Some(b"c"));
    test.wake();
    assert_eq!(test.pipes.cancel_read(pipe).unwrap(), b"c");
}

#[test]
fn dropping_the_reader_drops_the_source() {
    let mut test = Fixture::new();
    let far = Far::default();
    let pipe = test
        .pipes
        .add_source(&test.core, Near(far.clone()))
        .unwrap();
    assert_eq!(test.read(pipe, 2), Outcome::Blocked);
    test.drop_reader(pipe);
    assert!(far.is_dropped());
    assert_eq!(test.pipes.len(), 0);
    // A late waker finds nothing.
    far.bring(Some(b"x"));
    test.wake();
}

#[test]
fn a_sink_takes_as_much_as_it_has_room_for() {
    let mut test = Fixture::new();
    let far = Far::default();
    far.change(|state| state.room = 3);
    let pipe = test.pipes.create().unwrap();
    test.pipes
        .attach_sink(&mut test.core, pipe, Near(far.clone()))
        .unwrap();
    assert_eq!(test.write(pipe, b"ab"), Outcome::Ready(2));
    assert_eq!(test.write(pipe, b"cd"), Outcome::Ready(1));
    assert_eq!(test.pipes.take_back(pipe).unwrap(), b"d");
    assert_eq!(test.write(pipe, b"de"), Outcome::Blocked);
    far.change(|state| state.room = 1);
    test.wake();
    assert_eq!(test.events(), [OTHER]);
    assert_eq!(test.written(pipe), Outcome::Ready(1));
    assert_eq!(far.got(), b"abcd");
    assert!(!far.is_closed());
    test.drop_writer(pipe);
    // The end is seen when there is room again.
    far.change(|state| state.room = 1);
    test.wake();
    assert!(far.is_closed());
    assert_eq!(test.pipes.len(), 0);
}

#[test]
fn a_sink_takes_over_what_was_offered_before_it_came() {
    let mut test = Fixture::new();
    let far = Far::default();
    far.change(|state| state.room = 9);
    let pipe = test.pipes.create().unwrap();
    assert_eq!(test.write(pipe, b"ab"), Outcome::Blocked);
    test.pipes
        .attach_sink(&mut test.core, pipe, Near(far.clone()))
        .unwrap();
    assert_eq!(test.events(), [OTHER]);
    assert_eq!(test.written(pipe), Outcome::Ready(2));
    assert_eq!(far.got(), b"ab");
}

#[test]
fn a_sink_that_wants_no_more_closes_the_writer() {
    let mut test = Fixture::new();
    let far = Far::default();
    let pipe = test.pipes.create().unwrap();
    test.pipes
        .attach_sink(&mut test.core, pipe, Near(far.clone()))
        .unwrap();
    assert_eq!(test.write(pipe, b"ab"), Outcome::Blocked);
    far.change(|state| state.gone = true);
    test.wake();
    assert_eq!(test.events(), [OTHER]);
    assert_eq!(test.written(pipe), Outcome::Closed);
    assert_eq!(test.write(pipe, b"ab"), Outcome::Closed);
    test.drop_writer(pipe);
    assert!(!far.is_closed());
    assert!(far.is_dropped());
    assert_eq!(test.pipes.len(), 0);
}

#[test]
fn a_source_flows_into_a_sink() {
    let mut test = Fixture::new();
    let (from, to) = (Far::default(), Far::default());
    let pipe = test
        .pipes
        .add_source(&test.core, Near(from.clone()))
        .unwrap();
    test.pipes
        .attach_sink(&mut test.core, pipe, Near(to.clone()))
        .unwrap();
    from.bring(Some(b"abc"));
    to.change(|state| state.room = 2);
    test.wake();
    assert_eq!(to.got(), b"ab");
    from.bring(None);
    to.change(|state| state.room = 2);
    test.wake();
    assert_eq!(to.got(), b"c");
    assert!(to.is_closed());
    assert_eq!(test.pipes.len(), 0);
}

#[test]
fn a_source_can_be_taken_out_unless_it_was_read_from_beyond() {
    let mut test = Fixture::new();
    let far = Far::default();
    let pipe = test
        .pipes
        .add_source(&test.core, Near(far.clone()))
        .unwrap();
    far.bring(Some(b"ab"));
    assert_eq!(test.read(pipe, 1), Outcome::Ready(b"a".to_vec()));
    assert!(test.pipes.take_source::<Near>(pipe).is_none());
    assert_eq!(test.read(pipe, 1), Outcome::Ready(b"b".to_vec()));
    assert!(
        test.pipes
            .take_source::<OneShot<std::future::Ready<Option<u8>>>>(pipe)
            .is_none()
    );
    assert!(test.pipes.take_source::<Near>(pipe).is_some());
    assert_eq!(test.pipes.len(), 0);
    let pipe = test.pipes.create().unwrap();
    assert!(test.pipes.take_source::<Near>(pipe).is_none());
}

#[test]
fn futures_come_and_go() {
    let mut test = Fixture::new();
    let got = Arc::new(Mutex::new(None));
    let sink = {
        let got = got.clone();
        move || {
            let got = got.clone();
            sink_once(move |item: Option<u8>| *got.lock().unwrap() = Some(item))
        }
    };
    // Written by a guest.
    let pipe = test.pipes.create().unwrap();
    test.pipes
        .attach_sink(&mut test.core, pipe, sink())
        .unwrap();
    assert_eq!(test.write(pipe, &[5]), Outcome::Ready(1));
    test.drop_writer(pipe);
    assert_eq!(got.lock().unwrap().take(), Some(Some(5)));
    // Given up by a guest.
    let pipe = test.pipes.create().unwrap();
    test.pipes
        .attach_sink(&mut test.core, pipe, sink())
        .unwrap();
    test.drop_writer(pipe);
    assert_eq!(got.lock().unwrap().take(), Some(None));
    // Read by a guest.
    let pipe = test
        .pipes
        .add_source(&test.core, OneShot::new(async { Some(6) }))
        .unwrap();
    assert_eq!(test.read(pipe, 1), Outcome::Ready(vec![6]));
    assert_eq!(test.read(pipe, 1), Outcome::Closed);
    test.drop_reader(pipe);
    assert_eq!(test.pipes.len(), 0);
}

#[test]
fn mistakes_trap() {
    let mut test = Fixture::new();
    let pipe = test.pipes.create().unwrap();
    assert_eq!(test.write(pipe, b"a"), Outcome::Blocked);
    let waiter = test.waiter(TOKEN);
    assert!(
        test.pipes
            .write(&mut test.core, pipe, waiter, b"b".to_vec())
            .is_err()
    );
    assert!(test.core.waiter(test.mailbox + 1, TOKEN).is_err());
    assert!(test.core.waiter(test.mailbox, 1 << 30).is_err());
    for _ in 1..10 {
        test.pipes.create().unwrap();
    }
    assert!(test.pipes.create().is_err());
}

#[test]
fn what_stands_in_pipes_is_counted_and_given_back() {
    let mut test = Fixture::new();
    let pipe = test.pipes.create().unwrap();
    let empty = test.budget.held();
    let held = |test: &Fixture| test.budget.held() - empty;
    assert_eq!(test.write(pipe, &[1; 10]), Outcome::Blocked);
    assert_eq!(held(&test), 10);
    assert_eq!(test.read(pipe, 4), Outcome::Ready(vec![1; 4]));
    assert_eq!(held(&test), 6);
    assert_eq!(test.written(pipe), Outcome::Ready(4));
    assert_eq!(test.pipes.take_back(pipe).unwrap(), [1; 6]);
    assert_eq!(held(&test), 0);

    assert_eq!(test.read(pipe, 4), Outcome::Blocked);
    assert_eq!(test.write(pipe, &[2; 3]), Outcome::Ready(3));
    assert_eq!(held(&test), 3);
    assert_eq!(test.pipes.cancel_read(pipe).unwrap(), [2; 3]);
    assert_eq!(held(&test), 0);

    assert_eq!(test.write(pipe, &[3; 8]), Outcome::Blocked);
    test.drop_writer(pipe);
    test.drop_reader(pipe);
    assert_eq!(held(&test), 0);
}

#[test]
fn what_is_beyond_the_budget_traps_and_is_named() {
    for kind in [PipeKind::VALUES, PipeKind::BYTES] {
        let what = kind.what;
        let mut test = Fixture::of(kind);
        let pipe = test.pipes.create().unwrap();
        let waiter = test.waiter(OTHER);
        let items = vec![1; ROOM];
        let outcome = test.pipes.write(&mut test.core, pipe, waiter, items);
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
        // Nothing new then, until something was given back.
        assert!(test.pipes.create().is_err());
        test.drop_writer(pipe);
        test.drop_reader(pipe);
        test.pipes.create().unwrap();
    }
}

#[test]
fn the_tables_of_pipes_count_too() {
    let core = Core::new(Limits::default());
    let budget = Budget::new(1 << 20);
    let mut pipes = Pipes::<Items>::new(0, PipeKind::BYTES, 1_000_000, &budget);
    let error = (0..100_000).find_map(|_| pipes.create().err());
    assert!(error.is_some());
    drop((pipes, core));
    assert_eq!(budget.held(), 0);
}

#[test]
fn what_a_write_has_left_is_offered_again() {
    let mut test = Fixture::new();
    let pipe = test.pipes.create().unwrap();
    let empty = test.budget.held();
    assert_eq!(test.write(pipe, b"abcd"), Outcome::Blocked);
    assert_eq!(test.read(pipe, 1), Outcome::Ready(b"a".to_vec()));
    assert_eq!(test.events(), [OTHER]);
    assert_eq!(test.written(pipe), Outcome::Ready(1));
    assert_eq!(test.written(pipe), Outcome::Blocked);
    assert_eq!(test.budget.held(), empty + 3);
    assert_eq!(test.read(pipe, 1), Outcome::Ready(b"b".to_vec()));
    assert_eq!(test.events(), [OTHER]);
    assert_eq!(test.written(pipe), Outcome::Ready(1));
    // A guest that waits is told.
    assert_eq!(test.read(pipe, 9), Outcome::Blocked);
    assert_eq!(test.written(pipe), Outcome::Ready(2));
    assert_eq!(test.events(), [TOKEN]);
    assert_eq!(test.read(pipe, 9), Outcome::Ready(b"cd".to_vec()));
    assert_eq!(test.written(pipe), Outcome::Ready(0));
    assert_eq!(test.budget.held(), empty);
}

#[test]
fn what_is_offered_again_goes_on_into_a_sink() {
    let mut test = Fixture::new();
    let far = Far::default();
    far.change(|state| state.room = 2);
    let pipe = test.pipes.create().unwrap();
    test.pipes
        .attach_sink(&mut test.core, pipe, Near(far.clone()))
        .unwrap();
    let empty = test.budget.held();
    assert_eq!(test.write(pipe, b"abcde"), Outcome::Ready(2));
    assert_eq!(test.written(pipe), Outcome::Blocked);
    far.change(|state| state.room = 2);
    test.wake();
    assert_eq!(test.written(pipe), Outcome::Ready(2));
    // There is room before the guest offers again: the sink waits in a read.
    far.change(|state| state.room = 9);
    test.wake();
    assert_eq!(test.written(pipe), Outcome::Ready(1));
    assert_eq!(far.got(), b"abcde");
    assert_eq!(test.budget.held(), empty);
}
