//! Datagrams that come and go.

use super::network::{ErrorCode, IpSocketAddress};
use crate::p2::bindings::debug_fields;
use crate::p2::io::output::Unsettled;
use crate::p2::io::poll::{Pollable, Readiness};
use crate::p2::local::Local;
use crate::p2::shared::Shared;
use crate::sockets::types as p3;
use crate::wit_bindgen::spawn_local;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll};

/// How many datagrams may be sent at once.
const PERMIT: u64 = 16;

/// A datagram that has come.
#[derive(Clone)]
pub struct IncomingDatagram {
    /// What it contains.
    pub data: Vec<u8>,
    /// Where it comes from.
    pub remote_address: IpSocketAddress,
}

debug_fields!(IncomingDatagram: "data" data, "remote-address" remote_address);

/// A datagram to send.
#[derive(Clone)]
pub struct OutgoingDatagram {
    /// What it contains.
    pub data: Vec<u8>,
    /// Where it goes to. None: where the socket is connected to.
    pub remote_address: Option<IpSocketAddress>,
}

debug_fields!(OutgoingDatagram: "data" data, "remote-address" remote_address);

/// The datagrams that come.
pub struct IncomingDatagramStream(Local<Rc<Incoming>>);

type Receive = Shared<Result<(Vec<u8>, IpSocketAddress), p3::ErrorCode>>;

struct Incoming {
    socket: Rc<p3::UdpSocket>,
    receive: RefCell<Option<Rc<Receive>>>,
    /// What has happened after datagrams that had to be told of first.
    failure: Cell<Option<ErrorCode>>,
    _counted: Rc<()>,
}

impl Incoming {
    fn receive(&self) -> Rc<Receive> {
        let mut receive = self.receive.borrow_mut();
        let receive = receive.get_or_insert_with(|| {
            let socket = self.socket.clone();
            Rc::new(Shared::new(async move { socket.receive().await }))
        });
        receive.clone()
    }
}

impl IncomingDatagramStream {
    pub(super) fn new(socket: Rc<p3::UdpSocket>, counted: Rc<()>) -> Self {
        IncomingDatagramStream(Local::new(Rc::new(Incoming {
            socket,
            receive: RefCell::new(None),
            failure: Cell::new(None),
            _counted: counted,
        })))
    }

    /// Up to `max_results` datagrams that are there, which can be none.
    pub fn receive(&self, max_results: u64) -> Result<Vec<IncomingDatagram>, ErrorCode> {
        if let Some(code) = self.0.failure.take() {
            return Err(code);
        }
        let mut datagrams = Vec::new();
        while (datagrams.len() as u64) < max_results {
            let Some(received) = self.0.receive().take() else {
                break;
            };
            self.0.receive.replace(None);
            match received {
                Ok((data, remote_address)) => datagrams.push(IncomingDatagram {
                    data,
                    remote_address,
                }),
                Err(code) if datagrams.is_empty() => return Err(code.into()),
                Err(code) => {
                    self.0.failure.set(Some(code.into()));
                    break;
                }
            }
        }
        Ok(datagrams)
    }

    /// Ready when there is a datagram.
    pub fn subscribe(&self) -> Pollable {
        Pollable::new((*self.0).clone())
    }
}

impl Readiness for Incoming {
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        let failure = self.failure.take();
        self.failure.set(failure);
        match failure {
            Some(_) => Poll::Ready(()),
            None => self.receive().poll_ready(cx),
        }
    }
}

impl fmt::Debug for IncomingDatagramStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingDatagramStream")
            .finish_non_exhaustive()
    }
}

/// The datagrams that go.
pub struct OutgoingDatagramStream(Local<Rc<Outgoing>>);

struct Outgoing {
    socket: Rc<p3::UdpSocket>,
    /// The last datagram, while it is not sent.
    send: RefCell<Option<Rc<Send>>>,
    permit: Cell<u64>,
    _counted: Rc<()>,
}

type Send = Shared<Result<(), p3::ErrorCode>>;

impl OutgoingDatagramStream {
    pub(super) fn new(socket: Rc<p3::UdpSocket>, counted: Rc<()>) -> Self {
        OutgoingDatagramStream(Local::new(Rc::new(Outgoing {
            socket,
            send: RefCell::new(None),
            permit: Cell::new(0),
            _counted: counted,
        })))
    }

    /// How many datagrams may be sent now. None: [`subscribe`](Self::subscribe) says when some may.
    pub fn check_send(&self) -> Result<u64, ErrorCode> {
        self.0.permit.set(0);
        let mut send = self.0.send.borrow_mut();
        if let Some(under_way) = &*send {
            match under_way.take() {
                None => return Ok(0),
                Some(sent) => {
                    *send = None;
                    sent?;
                }
            }
        }
        self.0.permit.set(PERMIT);
        Ok(PERMIT)
    }

    /// Sends datagrams. The result is how many: from the first that cannot be sent on, none are.
    ///
    /// # Panics
    ///
    /// If [`check_send`](Self::check_send) does not permit that many, as 0.2 traps.
    pub fn send(&self, datagrams: &[OutgoingDatagram]) -> Result<u64, ErrorCode> {
        let permit = self.0.permit.get();
        assert!(
            datagrams.len() as u64 <= permit,
            "{} datagrams were sent, and {permit} permitted: `check_send` says how many may be",
            datagrams.len()
        );
        let mut count = 0;
        for datagram in datagrams {
            let (socket, datagram) = (self.0.socket.clone(), datagram.clone());
            let send = Send::new(async move {
                let OutgoingDatagram {
                    data,
                    remote_address,
                } = datagram;
                socket.send(data, remote_address).await
            });
            if !send.advance() {
                self.0.send.replace(Some(Rc::new(send)));
                self.0.permit.set(0);
                return Ok(count + 1);
            }
            match send.take() {
                Some(Err(code)) if count == 0 => return Err(code.into()),
                Some(Err(_)) => return Ok(count),
                _ => count += 1,
            }
            self.0.permit.set(permit - count);
        }
        Ok(count)
    }

    /// Ready when a datagram may be sent.
    pub fn subscribe(&self) -> Pollable {
        Pollable::new((*self.0).clone())
    }
}

impl Readiness for Outgoing {
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &*self.send.borrow() {
            Some(send) => send.poll_ready(cx),
            None => Poll::Ready(()),
        }
    }
}

/// What was sent still goes.
impl Drop for OutgoingDatagramStream {
    fn drop(&mut self) {
        let Some(send) = self.0.send.take() else {
            return;
        };
        if send.advance() {
            return;
        }
        let unsettled = Unsettled::new();
        spawn_local(async move {
            poll_fn(|cx| send.poll_ready(cx)).await;
            drop(unsettled);
        });
    }
}

impl fmt::Debug for OutgoingDatagramStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingDatagramStream")
            .finish_non_exhaustive()
    }
}
