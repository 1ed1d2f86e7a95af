//! Resources of this component that tasks were lent: their representations are kept alive.
//!
//! A loan of the split ABI ends when the start half returns; then the owner may drop the resource. Natively that traps as long as
//! the task runs. Here the destructor waits until the last task that was lent the resource is gone.

use crate::host::late;
use crate::state::state;
use alloc::vec::Vec;

/// A resource that a task was lent: the place of its destructor, and its representation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loan {
    dtor: u32,
    rep: u32,
}

/// The resources that are lent, in order.
pub struct Lent(Vec<Lender>);

struct Lender {
    loan: Loan,
    tasks: u32,
    dropped: bool,
}

impl Lent {
    pub const fn new() -> Self {
        Lent(Vec::new())
    }

    /// Where the resource is, or would be.
    fn find(&self, loan: Loan) -> Result<usize, usize> {
        self.0.binary_search_by_key(&loan, |lender| lender.loan)
    }
}

/// A task is lent a resource.
pub fn lend(dtor: u32, rep: u32) -> Loan {
    let loan = Loan { dtor, rep };
    let lent = &mut state().lent;
    match lent.find(loan) {
        Ok(index) => lent.0[index].tasks += 1,
        Err(index) => {
            let lender = Lender {
                loan,
                tasks: 1,
                dropped: false,
            };
            lent.0.insert(index, lender);
        }
    }
    loan
}

impl Loan {
    /// The task is gone.
    pub fn end(self) {
        let lent = &mut state().lent;
        let Ok(index) = lent.find(self) else {
            return;
        };
        lent.0[index].tasks -= 1;
        if lent.0[index].tasks == 0 && lent.0.remove(index).dropped {
            late::call_1(self.dtor, self.rep);
        }
    }
}

/// The owner has dropped a resource of this component.
#[unsafe(export_name = "resource-dropped")]
extern "C" fn dropped(dtor: u32, rep: u32) {
    let lent = &mut state().lent;
    match lent.find(Loan { dtor, rep }) {
        Ok(index) => lent.0[index].dropped = true,
        Err(_) => late::call_1(dtor, rep),
    }
}
