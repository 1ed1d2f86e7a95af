//! The functions of the runtime module, with their types.

use crate::module::Signature;
use wasm_encoder::ValType::{I32, I64};

/// The runtime: `translate/runtime`, compiled.
pub const MODULE: &[u8] = include_bytes!("../runtime.wasm");

/// A trap, by which the buffer of a read or write is refused.
pub const BAD_BUFFER: &str =
    "trap: read or write of a buffer that is not aligned, or not in memory";
/// A trap, by which a count of items is.
pub const TOO_MANY_ITEMS: &str = "trap: stream.read or stream.write of more than 268435455 items";

/// The type of the function of the runtime that has this name.
pub fn signature(name: &str) -> Signature {
    let (params, results): (&[_], &[_]) = match name {
        "mailbox" | "key" => (&[], &[I64]),
        "pipe-new" => (&[I32; 6], &[I32]),
        "pipe-move" => (&[I32; 7], &[I32]),
        "pipe-cancel" => (&[I32; 3], &[I32]),
        "pipe-block" | "end-arrived" | "end-left" | "end-use" | "end-cancel" => (&[I32; 2], &[I32]),
        "pipe-leave" => (&[I32; 3], &[]),
        "resource-dropped" | "local-drop" | "end-settled" => (&[I32; 2], &[]),
        "pipe-drop" | "served-cancel-read" | "served-take-back" => (&[I32], &[]),
        "served-read" => (&[I32, I64, I32, I32], &[I32]),
        "served-write" => (&[I32, I64, I32, I32, I32], &[I32]),
        "served-written" => (&[I32, I64, I32], &[I32]),
        "served-cancel-write" => (&[I32], &[I32]),
        "served-post" => (&[], &[]),
        "task-lend" => (&[I32; 3], &[]),
        "alloc" | "keep" | "task-must-wait" => match name {
            "task-must-wait" => (&[], &[I32]),
            _ => (&[I32], &[I32]),
        },
        "task-begin" => (&[I32; 3], &[I32]),
        "task-ran" | "task-finish" => (&[I32, I32], &[I32]),
        "task-hold" => (&[I32; 6], &[I32]),
        "task-made" => (&[I32, I32, I64], &[]),
        "task-result" => (&[I32], &[I32]),
        "task-block" | "task-return" | "link" | "block-on-call" | "end-forget" => (&[I32], &[]),
        BAD_BUFFER | TOO_MANY_ITEMS => (&[], &[]),
        "post" | "post-region" | "task-returned" | "task-cancel" | "backpressure-inc"
        | "backpressure-dec" => (&[], &[]),
        "has-work" | "poll" | "found-waitable" | "found-payload" | "waitable-set-new"
        | "thread-yield" | "context-get-0" | "context-get-1" => (&[], &[I32]),
        "context-set-0" | "context-set-1" | "waitable-set-drop" | "subtask-drop" => (&[I32], &[]),
        "waitable-join" => (&[I32, I32], &[]),
        "waitable-set-wait"
        | "waitable-set-poll"
        | "subtask-cancel"
        | "subtask-cancel-sync"
        | "end-token"
        | "end-handle"
        | "end-block" => (&[I32], &[I32]),
        "subtask-new" => (&[I32, I32, I32], &[I32]),
        "end-blocked" => (&[I32; 6], &[]),
        name => unreachable!("the runtime has no `{name}`"),
    };
    Signature::new(params, results)
}

/// The functions of `isyswasfa:core/tasks` that the runtime imports.
pub const CORE: [(&str, &[wasm_encoder::ValType], &[wasm_encoder::ValType]); 14] = [
    ("register", &[], &[I64]),
    ("number", &[I64], &[I32]),
    ("mailbox", &[I64], &[I64]),
    ("link", &[I64, I32], &[]),
    ("complete", &[I64, I32], &[]),
    ("post", &[I64, I32], &[]),
    ("finish", &[I64, I32, I32], &[I32]),
    ("subscribe", &[I32, I64, I32], &[]),
    ("cancel", &[I32], &[I32]),
    ("wake", &[I64], &[]),
    ("next-event", &[I64], &[I64]),
    ("origin", &[], &[I64]),
    ("set-origin", &[I64], &[]),
    ("wait", &[I64], &[]),
];
