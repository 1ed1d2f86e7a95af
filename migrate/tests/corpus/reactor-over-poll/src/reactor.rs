use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use wasip2::clocks::monotonic_clock::subscribe_duration;
use wasip2::io::poll::{Pollable, poll};

/// What waits for what.
#[derive(Default)]
pub struct Reactor {
    waiting: RefCell<Vec<(Rc<Pollable>, Waker)>>,
    rounds: Cell<u32>,
}

impl Reactor {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn rounds(&self) -> u32 {
        self.rounds.get()
    }

    fn register(&self, pollable: Rc<Pollable>, waker: Waker) {
        self.waiting.borrow_mut().push((pollable, waker));
    }

    /// Blocks until at least one of the pollables is ready, and wakes whoever waits for it.
    fn wait(&self) {
        let waiting = self.waiting.take();
        if waiting.is_empty() {
            return;
        }
        let pollables: Vec<&Pollable> = waiting.iter().map(|(pollable, _)| &**pollable).collect();
        let ready = poll(&pollables);
        self.rounds.set(self.rounds.get() + 1);
        for (index, (pollable, waker)) in waiting.iter().enumerate() {
            if ready.contains(&(index as u32)) {
                waker.wake_by_ref();
            } else {
                self.register(pollable.clone(), waker.clone());
            }
        }
    }
}

/// A future that is done when a pollable is ready.
pub struct Ready {
    pollable: Rc<Pollable>,
    reactor: Rc<Reactor>,
}

impl Ready {
    pub fn of(reactor: &Rc<Reactor>, pollable: Pollable) -> Self {
        Self {
            pollable: Rc::new(pollable),
            reactor: reactor.clone(),
        }
    }
}

impl Future for Ready {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.pollable.ready() {
            return Poll::Ready(());
        }
        self.reactor
            .register(self.pollable.clone(), context.waker().clone());
        Poll::Pending
    }
}

pub async fn sleep(reactor: &Rc<Reactor>, nanoseconds: u64) {
    Ready::of(reactor, subscribe_duration(nanoseconds)).await
}

struct Nothing;

impl Wake for Nothing {
    fn wake(self: Arc<Self>) {}
}

/// Polls the future, and waits whenever it is not done.
pub fn block_on<F: Future>(reactor: &Reactor, future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Nothing));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => reactor.wait(),
        }
    }
}
