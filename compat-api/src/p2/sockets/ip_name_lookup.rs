//! `wasi:sockets/ip-name-lookup`: the addresses of names.

pub use super::network::{ErrorCode, IpAddress, Network};
pub use crate::p2::io::poll::Pollable;

use crate::p2::local::Local;
use crate::p2::shared::Shared;
use crate::sockets::ip_name_lookup;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;
use std::vec::IntoIter;

type Lookup = Shared<Result<Vec<IpAddress>, ip_name_lookup::ErrorCode>>;

/// Looks up a name or, without looking it up, an address.
pub fn resolve_addresses(network: &Network, name: &str) -> Result<ResolveAddressStream, ErrorCode> {
    let Network(()) = network;
    let lookup: Lookup = Shared::new(ip_name_lookup::resolve_addresses(name.to_owned()));
    lookup.advance();
    // What is not a name is refused at once.
    if let Some(Some(code)) = lookup.peek(|found| match found {
        Err(ip_name_lookup::ErrorCode::InvalidArgument) => Some(ErrorCode::InvalidArgument),
        _ => None,
    }) {
        return Err(code);
    }
    Ok(ResolveAddressStream(Local::new(State {
        lookup: Rc::new(lookup),
        found: RefCell::new(None),
    })))
}

/// The addresses of a name.
pub struct ResolveAddressStream(Local<State>);

struct State {
    lookup: Rc<Lookup>,
    found: RefCell<Option<Result<IntoIter<IpAddress>, ErrorCode>>>,
}

impl ResolveAddressStream {
    /// The next address. None: that was all. [`ErrorCode::WouldBlock`]: they are still looked for.
    pub fn resolve_next_address(&self) -> Result<Option<IpAddress>, ErrorCode> {
        let mut found = self.0.found.borrow_mut();
        if found.is_none() {
            let Some(result) = self.0.lookup.take() else {
                return Err(ErrorCode::WouldBlock);
            };
            *found = Some(result.map(Vec::into_iter).map_err(Into::into));
        }
        match &mut *found {
            Some(Ok(addresses)) => Ok(addresses.next()),
            Some(Err(code)) => Err(*code),
            None => unreachable!("it has been found"),
        }
    }

    /// Ready when the addresses are found, or are not.
    pub fn subscribe(&self) -> Pollable {
        Pollable::new(self.0.lookup.clone())
    }
}

impl fmt::Debug for ResolveAddressStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolveAddressStream")
            .finish_non_exhaustive()
    }
}
