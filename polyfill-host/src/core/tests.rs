//! Limits and budgets of the core, and what its errors say.

use super::{Core, Limits};

#[test]
fn a_limit_names_the_option_that_raises_it() {
    let limits = Limits {
        components: 1,
        events: 2,
        ..Limits::default()
    };
    let mut machine = Core::new(limits).machine;
    let key = machine.register().unwrap();
    let said = machine.register().unwrap_err().to_string();
    assert!(
        said.contains("more than 1 components (`-S max-components=N`"),
        "{said}"
    );
    let mailbox = machine.mailbox(key).unwrap();
    for token in [1, 2] {
        machine.post(mailbox, token).unwrap();
    }
    let said = machine.post(mailbox, 3).unwrap_err().to_string();
    assert!(
        said.contains("more than 2 events (`-S max-events=N`"),
        "{said}"
    );
}

#[test]
fn what_the_machine_holds_is_counted() {
    let limits = Limits {
        host_memory: 10_000,
        ..Limits::default()
    };
    let mut core = Core::new(limits);
    let key = core.machine.register().unwrap();
    let mailbox = core.machine.mailbox(key).unwrap();
    let error = (0..).find_map(|token| core.machine.post(mailbox, token).err());
    let said = error.unwrap().to_string();
    assert!(said.contains("the last of them for an event"), "{said}");
    let budget = core.budget().clone();
    assert!(budget.held() > 10_000);
    drop(core);
    assert_eq!(budget.held(), 0);
}
