//! Whom a pipe tells.

#[link(wasm_import_module = "isyswasfa:core/tasks@0.1.0")]
unsafe extern "C" {
    fn post(mailbox: u64, token: u32);
}

/// An end that waits: whose it is, and what it is to be told.
#[derive(Clone, Copy, Debug)]
pub struct Waiter {
    mailbox: u64,
    token: u32,
}

impl Waiter {
    pub fn new(mailbox: u64, token: u32) -> Self {
        Waiter { mailbox, token }
    }

    pub fn tell(waiter: Option<Waiter>) {
        if let Some(Waiter { mailbox, token }) = waiter {
            // SAFETY: plain numbers, which the core checks.
            unsafe { post(mailbox, token) }
        }
    }
}
