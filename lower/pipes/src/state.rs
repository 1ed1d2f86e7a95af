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

/// Who has this mailbox, and is told by this token.
pub fn waiter(mailbox: u64, token: u32) -> Waiter {
    Waiter { mailbox, token }
}

/// Tells who waits, if anybody does.
pub fn tell(waiter: Option<Waiter>) {
    if let Some(Waiter { mailbox, token }) = waiter {
        // SAFETY: plain numbers, which the core checks.
        unsafe { post(mailbox, token) }
    }
}
