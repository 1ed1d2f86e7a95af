//! Tasks that are made, waited for, done, and fetched.

use super::{Call, Component, KEY, Shell, TOKEN, scripts};
use crate::{Event, Next, take_apart};

scripts! {
    a_task_that_is_done_is_told_and_fetched
    a_task_that_was_done_before_is_told_at_once
    only_the_last_subscription_counts
    a_new_task_inherits_the_origin
    tasks_are_told_apart
    a_task_that_is_made_to_be_polled_has_its_component_entered
}

fn a_task_that_is_done_is_told_and_fetched<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    shell
        .subscribe(call.made.pending, call.caller.key, TOKEN)
        .unwrap();
    assert_eq!(call.caller.events(shell), []);
    shell.complete(call.callee.key, call.made.task).unwrap();
    assert_eq!(call.caller.events(shell), [Event::Token(TOKEN)]);
    let key = shell.finish(call.callee.key, call.function, call.made.pending);
    assert_eq!(key, Ok(KEY));
}

fn a_task_that_was_done_before_is_told_at_once<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    shell.complete(call.callee.key, call.made.task).unwrap();
    assert_eq!(call.caller.events(shell), []);
    shell
        .subscribe(call.made.pending, call.caller.key, TOKEN)
        .unwrap();
    assert_eq!(call.caller.events(shell), [Event::Token(TOKEN)]);
}

fn only_the_last_subscription_counts<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    for token in [TOKEN, TOKEN + 1] {
        shell
            .subscribe(call.made.pending, call.caller.key, token)
            .unwrap();
    }
    shell.complete(call.callee.key, call.made.task).unwrap();
    assert_eq!(call.caller.events(shell), [Event::Token(TOKEN + 1)]);
}

fn a_new_task_inherits_the_origin<S: Shell>(shell: &mut S) {
    let component = Component::new(shell);
    let function = shell.name_function(component.key, "f").unwrap();
    assert_eq!(shell.origin(), Ok(0));
    for origin in [5, u64::MAX, 0] {
        shell.set_origin(origin).unwrap();
        assert_eq!(shell.origin(), Ok(origin));
        let made = shell.make_task(component.key, function, KEY, false);
        assert_eq!(made.unwrap().origin, origin);
    }
}

fn tasks_are_told_apart<S: Shell>(shell: &mut S) {
    let Call {
        caller,
        callee,
        function,
        made,
    } = Call::new(shell);
    let other = shell
        .make_task(callee.key, function, KEY + 1, false)
        .unwrap();
    assert_ne!((made.pending, made.task), (other.pending, other.task));
    shell.subscribe(made.pending, caller.key, TOKEN).unwrap();
    shell
        .subscribe(other.pending, caller.key, TOKEN + 1)
        .unwrap();
    shell.complete(callee.key, other.task).unwrap();
    assert_eq!(caller.events(shell), [Event::Token(TOKEN + 1)]);
    let key = shell.finish(callee.key, function, other.pending);
    assert_eq!(key, Ok(KEY + 1));
    shell.complete(callee.key, made.task).unwrap();
    assert_eq!(caller.events(shell), [Event::Token(TOKEN)]);
    assert_eq!(shell.finish(callee.key, function, made.pending), Ok(KEY));
}

fn a_task_that_is_made_to_be_polled_has_its_component_entered<S: Shell>(shell: &mut S) {
    let Call {
        caller,
        callee,
        function,
        ..
    } = Call::new(shell);
    assert_eq!(caller.next(shell), Next::Nothing);
    shell.make_task(callee.key, function, KEY, true).unwrap();
    let (word, left) = take_apart(shell.next_event(caller.key).unwrap());
    assert_eq!((word.event(), left), (Some(Event::Child(callee.number)), 0));
    // Once, until it has asked for its events.
    shell.wake(callee.key).unwrap();
    assert_eq!(caller.next(shell), Next::Nothing);
    assert_eq!(callee.next(shell), Next::Nothing);
    shell.wake(callee.key).unwrap();
    assert_eq!(caller.events(shell), [Event::Child(callee.number)]);
}
