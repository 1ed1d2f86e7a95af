//! The datagram streams of a UDP socket of 0.2.
//!
//! To connect a socket to another peer, 0.2 wants its streams dropped and makes new ones. Those who wait for the old ones,
//! in calls of `send` and `receive`, must let go of them at once and wait for the new ones.

use crate::bindings::p2::clocks::monotonic_clock::subscribe_duration;
use crate::bindings::p2::io::poll::Pollable as P2Pollable;
use crate::bindings::p2::sockets::network::{ErrorCode, IpSocketAddress};
use crate::bindings::p2::sockets::udp::{
    IncomingDatagram, IncomingDatagramStream, OutgoingDatagram, OutgoingDatagramStream, UdpSocket,
};
use polyfill_guest::pollable;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Poll, Waker};

/// wasmtime (48) receives in the background, and traps if new streams are asked for before that has stopped, which it does
/// once the guest waits for something: this long, in nanoseconds, and only if a datagram was waited for in vain.
const SETTLED: u64 = 5_000_000;

/// A socket and its streams, in the order in which they must go.
pub struct Streams {
    waits: RefCell<Waits>,
    open: RefCell<Option<(IncomingDatagramStream, OutgoingDatagramStream)>>,
    /// A datagram was asked for that has not come.
    receiving: Cell<bool>,
    socket: UdpSocket,
}

/// The pollables of those who wait.
#[derive(Default)]
struct Waits {
    next: u64,
    all: BTreeMap<u64, (pollable::Pollable, Option<Waker>)>,
}

impl Streams {
    pub fn new(socket: UdpSocket) -> Self {
        Self {
            waits: RefCell::default(),
            open: RefCell::new(None),
            receiving: Cell::new(false),
            socket,
        }
    }

    pub fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// Replaces the streams by new ones, to `remote` only if it is given.
    pub fn open(&self, remote: Option<IpSocketAddress>) -> Result<(), ErrorCode> {
        let waits = std::mem::take(&mut self.waits.borrow_mut().all);
        for (pollable, waker) in waits.into_values() {
            drop(pollable);
            if let Some(waker) = waker {
                waker.wake();
            }
        }
        drop(self.open.take());
        if self.receiving.take() {
            subscribe_duration(SETTLED).block();
        }
        let streams = self.socket.stream(remote)?;
        self.open.replace(Some(streams));
        Ok(())
    }

    /// Sends all `datagrams`.
    pub async fn send(&self, datagrams: &[OutgoingDatagram]) -> Result<(), ErrorCode> {
        let mut rest = datagrams;
        while !rest.is_empty() {
            let sent = self.with(|(_, outgoing)| {
                let n = usize::try_from(outgoing.check_send()?).unwrap_or(usize::MAX);
                match n.min(rest.len()) {
                    0 => Ok(Err(outgoing.subscribe())),
                    n => Ok(Ok(outgoing.send(&rest[..n])? as usize)),
                }
            })?;
            match sent {
                Ok(n) => rest = &rest[n..],
                Err(pollable) => self.wait(pollable).await,
            }
        }
        Ok(())
    }

    /// The next datagram.
    pub async fn receive(&self) -> Result<IncomingDatagram, ErrorCode> {
        loop {
            let received = self.with(|(incoming, _)| {
                let datagram = incoming.receive(1)?.pop();
                self.receiving.set(datagram.is_none());
                Ok(datagram.ok_or_else(|| incoming.subscribe()))
            })?;
            match received {
                Ok(datagram) => return Ok(datagram),
                Err(pollable) => self.wait(pollable).await,
            }
        }
    }

    /// Does something with the streams, which are made if there are none.
    fn with<R>(
        &self,
        what: impl FnOnce(&(IncomingDatagramStream, OutgoingDatagramStream)) -> Result<R, ErrorCode>,
    ) -> Result<R, ErrorCode> {
        if self.open.borrow().is_none() {
            self.open(None)?;
        }
        let open = self.open.borrow();
        what(open.as_ref().expect("just opened"))
    }

    /// Waits for the pollable of a stream, or until the streams are replaced.
    async fn wait(&self, pollable: P2Pollable) {
        let key = {
            let mut waits = self.waits.borrow_mut();
            waits.next += 1;
            let key = waits.next;
            waits.all.insert(key, (pollable!(pollable), None));
            key
        };
        let wait = Wait { streams: self, key };
        poll_fn(|cx| {
            let mut waits = self.waits.borrow_mut();
            let Some((pollable, waker)) = waits.all.get_mut(&wait.key) else {
                return Poll::Ready(());
            };
            *waker = Some(cx.waker().clone());
            Pin::new(pollable).poll(cx)
        })
        .await
    }
}

/// Someone who waits. Dropping it drops the pollable, if it is still there.
struct Wait<'a> {
    streams: &'a Streams,
    key: u64,
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let pollable = self.streams.waits.borrow_mut().all.remove(&self.key);
        drop(pollable);
    }
}
