//! A resource that the guest implements.

use crate::MILLISECOND;
use crate::exports::test::bindings::app::{
    Account as OwnAccount, AccountBorrow, GuestAccount, Problem,
};
use compat_api::clocks::monotonic_clock;
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

pub struct Account {
    owner: String,
    balance: Cell<u32>,
}

static ALIVE: AtomicU32 = AtomicU32::new(0);

/// How many accounts there are.
pub fn alive() -> u32 {
    ALIVE.load(Relaxed)
}

impl Drop for Account {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Relaxed);
    }
}

impl GuestAccount for Account {
    fn new(owner: String) -> Self {
        ALIVE.fetch_add(1, Relaxed);
        Account {
            owner,
            balance: Cell::new(0),
        }
    }

    fn owner(&self) -> String {
        self.owner.clone()
    }

    async fn deposit(&self, amount: u32) -> Result<u32, Problem> {
        if amount == 0 {
            return Err(Problem::Broken);
        }
        monotonic_clock::wait_for(MILLISECOND).await;
        self.balance.set(self.balance.get() + amount);
        Ok(self.balance.get())
    }

    async fn join(from: OwnAccount, to: AccountBorrow<'_>) -> u32 {
        let to = to.get::<Account>();
        to.balance
            .set(to.balance.get() + from.get::<Account>().balance.get());
        to.balance.get()
    }

    fn open(owners: Vec<String>) -> Vec<OwnAccount> {
        let open = |owner| OwnAccount::new(Account::new(owner));
        owners.into_iter().map(open).collect()
    }
}
