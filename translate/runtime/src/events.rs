//! Events as guests are told them.

/// An event: its code, the waitable that has it, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub code: u32,
    pub waitable: u32,
    pub payload: u32,
}

impl Event {
    pub const NONE: Event = Event {
        code: NONE,
        waitable: 0,
        payload: 0,
    };
    pub const TASK_CANCELLED: Event = Event {
        code: TASK_CANCELLED,
        waitable: 0,
        payload: 0,
    };
}

pub const NONE: u32 = 0;
pub const SUBTASK: u32 = 1;
pub const STREAM_READ: u32 = 2;
pub const STREAM_WRITE: u32 = 3;
pub const FUTURE_READ: u32 = 4;
pub const FUTURE_WRITE: u32 = 5;
pub const TASK_CANCELLED: u32 = 6;

/// What a read, a write or a cancellation of one answers that is not done yet.
pub const BLOCKED: u32 = u32::MAX;

/// How a read or a write has ended: the low four bits of what it answers.
pub const COMPLETED: u32 = 0;
pub const DROPPED: u32 = 1;
pub const CANCELLED: u32 = 2;

/// The states of a subtask.
pub const STARTED: u32 = 1;
pub const RETURNED: u32 = 2;
pub const CANCELLED_BEFORE_RETURNED: u32 = 4;
