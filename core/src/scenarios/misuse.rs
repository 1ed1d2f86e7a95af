//! What a guest must not do: it traps, and the trap says why.

use alloc::format;

use super::{Call, Component, KEY, Shell, TOKEN, refused, scripts};

scripts! {
    a_key_is_not_guessed
    a_result_goes_to_its_own_function
    a_result_is_fetched_when_it_is_there
    a_task_is_completed_once_and_by_its_own_component
    a_task_is_made_of_the_component_s_own_function
    numbers_fit_the_event_word
    a_child_is_a_number_that_was_given_out
    a_write_is_begun_when_none_stands
    names_are_shown_without_what_a_terminal_would_obey
}

fn a_key_is_not_guessed<S: Shell>(shell: &mut S) {
    let [a, b] = Component::some(shell);
    assert_ne!(a.key, b.key);
    for guess in [0, a.key ^ 1 << 40, a.key + 1, a.mailbox, a.key | 7] {
        if guess != b.key {
            refused(shell.number(guess), "not a component key");
            refused(shell.next_event(guess), "not a component key");
        }
    }
    for guess in [a.key, a.mailbox ^ 1 << 40] {
        refused(shell.post(guess, TOKEN), "not a mailbox");
    }
}

fn a_result_goes_to_its_own_function<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    let other = shell.name_function(call.callee.key, "other").unwrap();
    let foreign = shell.name_function(call.caller.key, "foreign").unwrap();
    shell.complete(call.callee.key, call.made.task).unwrap();
    refused(
        shell.finish(call.callee.key, other, call.made.pending),
        "the result of task 0 was asked of `other`, but it is a task of `f`",
    );
    refused(
        shell.finish(call.caller.key, foreign, call.made.pending),
        "the result of task 0 was asked of `foreign`, but it is a task of another component",
    );
}

fn a_result_is_fetched_when_it_is_there<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    refused(
        shell.finish(call.callee.key, call.function, call.made.pending),
        "the result of task 0 was asked of `f`, but it is not done",
    );
}

fn a_task_is_completed_once_and_by_its_own_component<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    refused(
        shell.complete(call.caller.key, call.made.task),
        "task 0 is not the component's own",
    );
    refused(
        shell.complete(call.callee.key, 5),
        "task 5 is not the component's own",
    );
    shell.complete(call.callee.key, call.made.task).unwrap();
    refused(
        shell.complete(call.callee.key, call.made.task),
        "task 0 was completed twice",
    );
}

fn a_task_is_made_of_the_component_s_own_function<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    for (component, function) in [(call.caller, call.function), (call.callee, 0)] {
        refused(
            shell.make_task(component.key, function, KEY, false),
            &format!("{function} is not the number of a function of the component"),
        );
    }
}

fn numbers_fit_the_event_word<S: Shell>(shell: &mut S) {
    let call = Call::new(shell);
    const LARGE: u32 = 1 << 30;
    let says = "1073741824 is not below 2^30";
    refused(
        shell.make_task(call.callee.key, call.function, LARGE, false),
        says,
    );
    refused(
        shell.subscribe(call.made.pending, call.caller.key, LARGE),
        says,
    );
    refused(shell.post(call.caller.mailbox, LARGE), says);
    let pipe = shell.new_pipe().unwrap();
    refused(shell.read(pipe, call.caller.mailbox, LARGE, 1), says);
}

fn a_child_is_a_number_that_was_given_out<S: Shell>(shell: &mut S) {
    let component = Component::new(shell);
    refused(
        shell.link(component.key, 9),
        "no component has the number 9",
    );
}

fn a_write_is_begun_when_none_stands<S: Shell>(shell: &mut S) {
    let component = Component::new(shell);
    let pipe = shell.new_pipe().unwrap();
    shell.write(pipe, component.mailbox, 1, b"one").unwrap();
    refused(
        shell.write(pipe, component.mailbox, 1, b"two"),
        "a write was begun while another one stands",
    );
}

fn names_are_shown_without_what_a_terminal_would_obey<S: Shell>(shell: &mut S) {
    let component = Component::new(shell);
    let name = format!("a\u{1b}{}", "b".repeat(1000));
    let function = shell.name_function(component.key, &name).unwrap();
    let made = shell.make_task(component.key, function, KEY, false);
    let said = shell.finish(component.key, function, made.unwrap().pending);
    let said = said.expect_err("it is not done");
    assert!(said.contains("`a\\u{1b}bbb"), "{said}");
    assert!(said.len() < 400, "{said}");
}
