//! A hand-written executor over `poll`, as there are in programs of 0.2.

use super::report::Report;
use crate::p2::clocks::monotonic_clock::subscribe_duration;
use crate::p2::io::poll::{Pollable, poll};
use std::cell::RefCell;
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

/// Pollables of which somebody waits. In a static, which the bindings of 0.2 can be in.
static WAITING: Mutex<Vec<(Pollable, Waker)>> = Mutex::new(Vec::new());

/// Ready when its time is over.
struct Sleep(Rc<RefCell<Option<u64>>>, Arc<AtomicBool>);

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(duration) = self.0.take() {
            let pollable = subscribe_duration(duration);
            let waker = Waker::from(Arc::new(Flag(self.1.clone(), cx.waker().clone())));
            WAITING.lock().unwrap().push((pollable, waker));
        }
        if self.1.load(Relaxed) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

struct Flag(Arc<AtomicBool>, Waker);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
        self.1.wake_by_ref();
    }
}

fn sleep(milliseconds: u64) -> Sleep {
    let duration = Some(milliseconds * 1_000_000);
    Sleep(Rc::new(RefCell::new(duration)), Arc::default())
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
    }
}

waiting! {
    fn block_on(future: impl Future<Output = ()>) {
        let mut future = pin!(future);
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(woken.clone());
        loop {
            if woken.0.swap(false, Relaxed)
                && future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()
            {
                return;
            }
            let waiting = std::mem::take(&mut *WAITING.lock().unwrap());
            let pollables: Vec<&Pollable> = waiting.iter().map(|(pollable, _)| pollable).collect();
            let ready = wait!(poll(&pollables));
            for (at, (pollable, waker)) in waiting.into_iter().enumerate() {
                if ready.contains(&(at as u32)) {
                    waker.wake();
                } else {
                    WAITING.lock().unwrap().push((pollable, waker));
                }
            }
        }
    }

    pub fn check(report: &mut Report) {
        let events = RefCell::new(Vec::new());
        let task = |name: &'static str, pause: u64, rounds: u32| {
            let events = &events;
            async move {
                for round in 0..rounds {
                    sleep(pause).await;
                    events.borrow_mut().push((name, round));
                }
            }
        };
        wait!(block_on(async {
            let mut tasks: Vec<Pin<Box<dyn Future<Output = ()>>>> = Vec::new();
            tasks.push(Box::pin(task("slow", 700, 1)));
            tasks.push(Box::pin(task("fast", 5, 3)));
            std::future::poll_fn(|cx| {
                tasks.retain_mut(|task| task.as_mut().poll(cx).is_pending());
                if tasks.is_empty() {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            })
            .await;
        }));
        report.line("in this order", events.borrow());
    }
}
