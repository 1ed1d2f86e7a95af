//! Pipes of bytes in a core's table: the rules themselves are those of [`Pipe`](crate::Pipe).

use super::{Component, Shell, refused, scripts};
use crate::{Event, Outcome};

scripts! {
    the_first_one_waits_and_is_told
    a_write_is_taken_in_parts
    a_cancelled_write_comes_back
    what_was_read_can_be_given_back
    a_dropped_end_is_told
    a_pipe_goes_with_its_second_end
}

fn the_first_one_waits_and_is_told<S: Shell>(shell: &mut S) {
    let [reader, writer] = Component::some(shell);
    let pipe = shell.new_pipe().unwrap();
    let read = shell.read(pipe, reader.mailbox, 1, 3);
    assert_eq!(read, Ok(Outcome::Blocked));
    let write = shell.write(pipe, writer.mailbox, 2, b"four");
    assert_eq!(write, Ok(Outcome::Ready(3)));
    assert_eq!(reader.events(shell), [Event::Token(1)]);
    let read = shell.read(pipe, reader.mailbox, 1, 3);
    assert_eq!(read, Ok(Outcome::Ready(b"fou".to_vec())));
    assert_eq!(writer.events(shell), []);
}

fn a_write_is_taken_in_parts<S: Shell>(shell: &mut S) {
    let [reader, writer] = Component::some(shell);
    let pipe = shell.new_pipe().unwrap();
    let write = shell.write(pipe, writer.mailbox, 2, b"abcdef");
    assert_eq!(write, Ok(Outcome::Blocked));
    for part in ["ab", "cd"] {
        let read = shell.read(pipe, reader.mailbox, 1, 2);
        assert_eq!(read, Ok(Outcome::Ready(part.into())));
    }
    assert_eq!(writer.events(shell), [Event::Token(2)]);
    let written = shell.written(pipe, writer.mailbox, 2);
    assert_eq!(written, Ok(Outcome::Ready(4)));
    // The rest is offered again.
    let written = shell.written(pipe, writer.mailbox, 2);
    assert_eq!(written, Ok(Outcome::Blocked));
    let read = shell.read(pipe, reader.mailbox, 1, 10);
    assert_eq!(read, Ok(Outcome::Ready(b"ef".to_vec())));
}

fn a_cancelled_write_comes_back<S: Shell>(shell: &mut S) {
    let [reader, writer] = Component::some(shell);
    let pipe = shell.new_pipe().unwrap();
    shell.write(pipe, writer.mailbox, 2, b"abc").unwrap();
    shell.read(pipe, reader.mailbox, 1, 1).unwrap();
    assert_eq!(shell.cancel_write(pipe), Ok(1));
    assert_eq!(shell.take_back(pipe), Ok(b"bc".to_vec()));
    let read = shell.read(pipe, reader.mailbox, 1, 1);
    assert_eq!(read, Ok(Outcome::Blocked));
    assert_eq!(shell.cancel_read(pipe), Ok(b"".to_vec()));
}

fn what_was_read_can_be_given_back<S: Shell>(shell: &mut S) {
    let [reader, writer] = Component::some(shell);
    let pipe = shell.new_pipe().unwrap();
    shell.write(pipe, writer.mailbox, 2, b"abc").unwrap();
    shell.read(pipe, reader.mailbox, 1, 2).unwrap();
    assert_eq!(shell.unread(pipe, b"ab"), Ok(true));
    let read = shell.read(pipe, reader.mailbox, 1, 9);
    assert_eq!(read, Ok(Outcome::Ready(b"abc".to_vec())));
    shell.cancel_write(pipe).unwrap();
    assert_eq!(shell.unread(pipe, b"c"), Ok(false));
}

fn a_dropped_end_is_told<S: Shell>(shell: &mut S) {
    let [reader, writer] = Component::some(shell);
    let pipe = shell.new_pipe().unwrap();
    shell.write(pipe, writer.mailbox, 2, b"abc").unwrap();
    shell.drop_reader(pipe).unwrap();
    assert_eq!(writer.events(shell), [Event::Token(2)]);
    let written = shell.written(pipe, writer.mailbox, 2);
    assert_eq!(written, Ok(Outcome::Closed));
    assert_eq!(shell.take_back(pipe), Ok(b"abc".to_vec()));

    let pipe = shell.new_pipe().unwrap();
    shell.read(pipe, reader.mailbox, 1, 1).unwrap();
    shell.drop_writer(pipe).unwrap();
    assert_eq!(reader.events(shell), [Event::Token(1)]);
    let read = shell.read(pipe, reader.mailbox, 1, 1);
    assert_eq!(read, Ok(Outcome::Closed));
}

fn a_pipe_goes_with_its_second_end<S: Shell>(shell: &mut S) {
    let component = Component::new(shell);
    let pipe = shell.new_pipe().unwrap();
    shell.drop_reader(pipe).unwrap();
    shell.written(pipe, component.mailbox, 2).unwrap();
    shell.drop_writer(pipe).unwrap();
    refused(shell.written(pipe, component.mailbox, 2), "no pipe");
    // Its place is free.
    assert_eq!(shell.new_pipe(), Ok(pipe));
}
