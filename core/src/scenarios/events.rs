//! Events on their way: who is entered for them, and in which order.

use super::{Call, Component, Shell, TOKEN, scripts};
use crate::{Event, Next, take_apart};

scripts! {
    an_event_reaches_every_importer
    an_event_before_the_link_is_not_lost
    an_importer_hears_once_until_the_events_are_taken
    events_say_how_many_are_left
    a_component_is_linked_to_nobody_by_number_0
    a_cycle_of_links_ends
    a_component_that_is_asked_what_waits_is_told_so_after_its_events
    a_deadlock_says_who_waits_for_what
}

fn an_event_reaches_every_importer<S: Shell>(shell: &mut S) {
    let [a, b, c] = Component::some(shell);
    shell.link(a.key, b.number).unwrap();
    shell.link(b.key, c.number).unwrap();
    shell.post(c.mailbox, 7).unwrap();
    shell.post(c.mailbox, 8).unwrap();
    assert_eq!(a.events(shell), [Event::Child(b.number)]);
    assert_eq!(b.events(shell), [Event::Child(c.number)]);
    assert_eq!(c.events(shell), [Event::Token(7), Event::Token(8)]);
}

fn an_event_before_the_link_is_not_lost<S: Shell>(shell: &mut S) {
    let [a, b] = Component::some(shell);
    shell.post(b.mailbox, TOKEN).unwrap();
    shell.link(a.key, b.number).unwrap();
    // Again: nothing new.
    shell.link(a.key, b.number).unwrap();
    assert_eq!(a.events(shell), [Event::Child(b.number)]);
    assert_eq!(b.events(shell), [Event::Token(TOKEN)]);
}

fn an_importer_hears_once_until_the_events_are_taken<S: Shell>(shell: &mut S) {
    let [a, b] = Component::some(shell);
    shell.link(a.key, b.number).unwrap();
    for token in 0..3 {
        shell.post(b.mailbox, token).unwrap();
    }
    let child = Event::Child(b.number);
    assert_eq!(a.events(shell), [child]);
    // Some are left.
    assert_eq!(b.next(shell), Next::Event(Event::Token(0)));
    shell.post(b.mailbox, 3).unwrap();
    assert_eq!(a.events(shell), []);
    // None are left.
    assert_eq!(b.events(shell), [1, 2, 3].map(Event::Token));
    shell.post(b.mailbox, 4).unwrap();
    assert_eq!(a.events(shell), [child]);
}

fn events_say_how_many_are_left<S: Shell>(shell: &mut S) {
    let component = Component::new(shell);
    for token in 0..3 {
        shell.post(component.mailbox, token).unwrap();
    }
    for left in [2, 1, 0] {
        let answer = shell.next_event(component.key).unwrap();
        assert_eq!(take_apart(answer).1, left);
    }
    assert_eq!(component.next(shell), Next::Nothing);
}

fn a_component_is_linked_to_nobody_by_number_0<S: Shell>(shell: &mut S) {
    let component = Component::new(shell);
    assert_ne!(component.number, 0);
    shell.link(component.key, 0).unwrap();
    assert_eq!(component.events(shell), []);
}

fn a_cycle_of_links_ends<S: Shell>(shell: &mut S) {
    let [a, b] = Component::some(shell);
    shell.link(a.key, b.number).unwrap();
    shell.link(b.key, a.number).unwrap();
    shell.wake(a.key).unwrap();
    assert_eq!(b.next(shell), Next::Event(Event::Child(a.number)));
    assert_eq!(a.next(shell), Next::Event(Event::Child(b.number)));
}

fn a_component_that_is_asked_what_waits_is_told_so_after_its_events<S: Shell>(shell: &mut S) {
    let [a, b] = Component::some(shell);
    shell.link(a.key, b.number).unwrap();
    assert_eq!(shell.ask_what_waits(), Ok(true));
    let (word, left) = take_apart(shell.next_event(a.key).unwrap());
    assert_eq!((word.event(), left), (Some(Event::Child(b.number)), 1));
    assert_eq!(a.next(shell), Next::WhatWaits);
    assert_eq!(b.next(shell), Next::WhatWaits);
    assert_eq!(
        (a.next(shell), b.next(shell)),
        (Next::Nothing, Next::Nothing)
    );
    assert_eq!(shell.ask_what_waits(), Ok(false));
}

fn a_deadlock_says_who_waits_for_what<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    let silent = Component::new(shell);
    shell
        .subscribe(call.made.pending, call.caller.key, TOKEN)
        .unwrap();
    // Told before it is asked for, it is not taken down.
    shell
        .waits(call.callee.key, None, "for nothing in particular")
        .unwrap();
    shell.ask_what_waits().unwrap();
    shell
        .waits(
            call.callee.key,
            Some(call.made.task),
            "to read\u{1b} from a `stream<u8>`",
        )
        .unwrap();
    shell
        .waits(call.caller.key, Some(call.made.task), "to write")
        .unwrap();
    let pipe = shell.new_pipe().unwrap();
    for (component, token) in [(call.callee, 1), (silent, 2)] {
        let pipe = if component.number == silent.number {
            shell.new_pipe().unwrap()
        } else {
            pipe
        };
        shell.read(pipe, component.mailbox, token, 1).unwrap();
    }
    let said = shell.deadlock();
    let lines: alloc::vec::Vec<&str> = said.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "  component 1 waits for `f` of component 2 (task 0)",
            "  component 2 waits in `f` to read\\u{1b} from a `stream<u8>`",
            "  component 1 waits in a task that it has spawned to write",
            "  component 3 waits to read from a stream or future",
        ],
        "{said}"
    );
}
