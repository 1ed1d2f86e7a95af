//! Tasks whose caller gives up.

use super::{Call, KEY, Shell, TOKEN, refused, scripts};
use crate::{Event, Next, take_apart};

scripts! {
    a_dropped_pending_is_an_event_of_the_callee
    a_callee_that_is_entered_for_a_cancelled_task_is_told_of_nothing_else
    a_cancelled_task_alone_is_no_reason_to_be_entered_again
    a_task_may_be_completed_before_its_callee_hears_of_the_cancel
    a_task_that_was_cancelled_is_gone_when_the_callee_knows
    a_cancelled_task_wakes_nobody
    a_task_that_is_done_can_be_cancelled
}

fn a_dropped_pending_is_an_event_of_the_callee<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    shell.drop_pending(call.made.pending).unwrap();
    let child = Event::Child(call.callee.number);
    assert_eq!(call.caller.events(shell), [child]);
    assert_eq!(call.callee.events(shell), [Event::Cancel(KEY)]);
}

fn a_callee_that_is_entered_for_a_cancelled_task_is_told_of_nothing_else<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    let callee = call.callee;
    shell.post(callee.mailbox, TOKEN).unwrap();
    let more = shell.make_task(callee.key, call.function, KEY + 1, false);
    for (pending, key) in [(call.made.pending, KEY), (more.unwrap().pending, KEY + 1)] {
        assert_eq!(shell.cancel(pending), Ok(callee.number));
        let (word, left) = take_apart(shell.next_event(callee.key).unwrap());
        assert_eq!((word.event(), left), (Some(Event::Cancel(key)), 1));
        assert_eq!(callee.next(shell), Next::NoMoreCancels);
    }
    assert_eq!(callee.events(shell), [Event::Token(TOKEN)]);
}

fn a_cancelled_task_alone_is_no_reason_to_be_entered_again<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    shell.cancel(call.made.pending).unwrap();
    assert_eq!(call.caller.events(shell), []);
    assert_eq!(call.callee.next(shell), Next::Event(Event::Cancel(KEY)));
    assert_eq!(call.callee.next(shell), Next::NoMoreCancels);
    assert_eq!(call.callee.next(shell), Next::Nothing);
}

fn a_task_may_be_completed_before_its_callee_hears_of_the_cancel<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    shell.drop_pending(call.made.pending).unwrap();
    shell.complete(call.callee.key, call.made.task).unwrap();
    assert_eq!(call.callee.events(shell), [Event::Cancel(KEY)]);
}

fn a_task_that_was_cancelled_is_gone_when_the_callee_knows<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    shell.drop_pending(call.made.pending).unwrap();
    call.callee.events(shell);
    let completed = shell.complete(call.callee.key, call.made.task);
    refused(completed, "is not the component's own");

    let second = shell.make_task(call.callee.key, call.function, KEY, false);
    let second = second.unwrap();
    shell.cancel(second.pending).unwrap();
    assert_eq!(call.callee.next(shell), Next::Event(Event::Cancel(KEY)));
    let completed = shell.complete(call.callee.key, second.task);
    refused(completed, "is not the component's own");
}

fn a_cancelled_task_wakes_nobody<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    shell
        .subscribe(call.made.pending, call.caller.key, TOKEN)
        .unwrap();
    shell.cancel(call.made.pending).unwrap();
    shell.complete(call.callee.key, call.made.task).unwrap();
    assert_eq!(call.caller.events(shell), []);
}

fn a_task_that_is_done_can_be_cancelled<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    shell.complete(call.callee.key, call.made.task).unwrap();
    assert_eq!(shell.cancel(call.made.pending), Ok(call.callee.number));
    // The callee drops the result.
    assert_eq!(call.callee.next(shell), Next::Event(Event::Cancel(KEY)));
    assert_eq!(call.callee.next(shell), Next::NoMoreCancels);
}
