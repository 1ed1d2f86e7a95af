//! Streams and futures, over pipes that the component implements itself.

use super::{assert_empty, run};
use crate::isyswasfa::rt::async_support::test_core::{BYTES, Counted, HANDLE_FUTURE, HANDLES};
use crate::isyswasfa::rt::async_support::*;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

fn bytes() -> (StreamWriter<u8>, StreamReader<u8>) {
    unsafe { stream_new(&BYTES) }
}

fn handles() -> (StreamWriter<Counted>, StreamReader<Counted>) {
    unsafe { stream_new(&HANDLES) }
}

fn counted(numbers: impl IntoIterator<Item = u32>) -> Vec<Counted> {
    numbers.into_iter().map(Counted::new).collect()
}

fn numbers(values: &[Counted]) -> Vec<u32> {
    values.iter().map(|value| value.0).collect()
}

fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_reader_gets_what_a_writer_gives() {
    let (mut writer, reader) = bytes();
    spawn_local(async move {
        assert_eq!(writer.write_all((0..=255).collect()).await, []);
        assert_eq!(writer.write_one(7).await, None);
    });
    let mut all: Vec<u8> = (0..=255).collect();
    all.push(7);
    assert_eq!(block_on(reader.collect()), all);
    assert_empty();
}

#[test]
fn a_read_appends_and_a_write_goes_in_pieces() {
    let (mut writer, mut reader) = bytes();
    block_on(async {
        let mut write = writer.write(vec![1, 2, 3, 4, 5]);
        assert!(poll(&mut write).is_pending());
        let mut buf = Vec::with_capacity(4);
        buf.push(0);
        let (result, buf) = reader.read(buf).await;
        assert_eq!(result, StreamResult::Complete(buf.capacity() - 1));
        assert_eq!(buf, [0, 1, 2, 3]);
        let (result, rest) = write.await;
        assert_eq!(result, StreamResult::Complete(3));
        assert_eq!(rest.remaining(), 2);
        assert_eq!(rest.into_vec(), [4, 5]);
    });
    drop((writer, reader));
    assert_empty();
}

#[test]
fn the_end_comes_after_everything() {
    let (mut writer, mut reader) = bytes();
    block_on(async {
        let mut read = reader.read(Vec::with_capacity(8));
        assert!(poll(&mut read).is_pending());
        let (result, _) = writer.write(vec![1]).await;
        assert_eq!(result, StreamResult::Complete(1));
        drop(writer);
        assert_eq!(read.await, (StreamResult::Complete(1), vec![1]));
        assert_eq!(reader.next().await, None);
        assert_eq!(reader.next().await, None);
    });
    drop(reader);
    assert_empty();
}

#[test]
fn a_writer_hears_that_nobody_reads() {
    let (mut writer, reader) = handles();
    block_on(async {
        let mut write = writer.write(counted([1, 2]));
        assert!(poll(&mut write).is_pending());
        drop(reader);
        let (result, rest) = write.await;
        assert_eq!(result, StreamResult::Dropped);
        assert_eq!(numbers(&rest.into_vec()), [1, 2]);
        let back = writer.write_one(Counted::new(3)).await;
        assert_eq!(back.map(|value| value.0), Some(3));
    });
    drop(writer);
    assert_empty();
}

#[test]
fn a_cancelled_read_gives_back_what_had_come() {
    let (mut writer, mut reader) = bytes();
    block_on(async {
        let mut read = reader.read(Vec::with_capacity(8));
        assert!(poll(&mut read).is_pending());
        assert_eq!(
            Pin::new(&mut read).cancel(),
            (StreamResult::Cancelled, vec![])
        );
        drop(read);

        let mut read = reader.read(Vec::with_capacity(8));
        assert!(poll(&mut read).is_pending());
        writer.write(vec![1, 2]).await;
        assert_eq!(
            Pin::new(&mut read).cancel(),
            (StreamResult::Complete(2), vec![1, 2])
        );
        drop(read);

        let mut read = reader.read(Vec::with_capacity(8));
        assert_eq!(
            Pin::new(&mut read).cancel(),
            (StreamResult::Cancelled, vec![])
        );
    });
    drop((writer, reader));
    assert_empty();
}

#[test]
fn a_cancelled_write_gives_back_what_nobody_took() {
    let (mut writer, mut reader) = handles();
    block_on(async {
        let mut write = writer.write(counted(0..4));
        assert!(poll(&mut write).is_pending());
        let (_, first) = reader.read(Vec::with_capacity(1)).await;
        assert_eq!(first.len(), 1);
        let (result, rest) = Pin::new(&mut write).cancel();
        drop(write);
        assert_eq!(result, StreamResult::Complete(1));
        let rest = rest.into_vec();
        assert_eq!(numbers(&rest), [1, 2, 3]);

        let mut write = writer.write(rest);
        assert!(poll(&mut write).is_pending());
        let (result, rest) = Pin::new(&mut write).cancel();
        assert_eq!((result, rest.remaining()), (StreamResult::Cancelled, 3));
    });
    drop((writer, reader));
    assert_empty();
}

#[test]
fn nothing_is_lost_when_operations_are_dropped() {
    let (mut writer, mut reader) = handles();
    {
        let mut write = writer.write(counted(0..3));
        assert!(poll(&mut write).is_pending());
    }
    assert_eq!(Counted::count(), 0);
    {
        let mut read = reader.read(Vec::with_capacity(2));
        assert!(poll(&mut read).is_pending());
        let mut write = writer.write(counted(0..3));
        assert!(poll(&mut write).is_ready());
        assert_eq!(Counted::count(), 2);
    }
    assert_eq!(Counted::count(), 0);
    drop((writer, reader));
    assert_empty();
}

#[test]
fn a_read_without_room_waits_for_a_writer() {
    let (mut writer, mut reader) = bytes();
    block_on(async {
        let mut read = reader.read(Vec::new());
        assert!(poll(&mut read).is_pending());
        let mut write = writer.write(vec![1]);
        assert!(poll(&mut write).is_pending());
        assert_eq!(read.await.0, StreamResult::Complete(0));
        assert_eq!(reader.next().await, Some(1));
        assert_eq!(write.await.0, StreamResult::Complete(1));
    });
    drop((writer, reader));
    assert_empty();
}

#[test]
fn a_write_of_nothing_waits_for_a_reader() {
    let (mut writer, mut reader) = bytes();
    block_on(async {
        let mut write = writer.write(Vec::new());
        assert!(poll(&mut write).is_pending());
        let mut read = reader.read(Vec::with_capacity(1));
        assert!(poll(&mut read).is_pending());
        assert_eq!(write.await.0, StreamResult::Complete(0));
        assert_eq!(writer.write(vec![1]).await.0, StreamResult::Complete(1));
        assert_eq!(read.await.1, [1]);
    });
    drop((writer, reader));
    assert_empty();
}

#[test]
fn a_future_carries_one_value() {
    let (writer, reader) = unsafe { future_new(|| Counted::new(0), &HANDLE_FUTURE) };
    spawn_local(async move { writer.write(Counted::new(1)).await.unwrap() });
    assert_eq!(block_on(async move { reader.await.0 }), 1);
    assert_empty();
}

#[test]
fn a_future_s_writer_that_is_dropped_writes_the_default() {
    let (writer, reader) = unsafe { future_new(|| Counted::new(5), &HANDLE_FUTURE) };
    drop(writer);
    run();
    assert_eq!(block_on(async move { reader.await.0 }), 5);
    assert_empty();
}

#[test]
fn a_future_that_nobody_reads_gives_its_value_back() {
    let (writer, reader) = unsafe { future_new(|| Counted::new(0), &HANDLE_FUTURE) };
    drop(reader);
    let error = block_on(writer.write(Counted::new(1))).unwrap_err();
    assert_eq!(error.value.0, 1);
    drop(error);
    assert_empty();
}

#[test]
fn a_cancelled_future_can_be_written_and_read_again() {
    let (writer, reader) = unsafe { future_new(|| Counted::new(0), &HANDLE_FUTURE) };
    let mut write = writer.write(Counted::new(1));
    assert!(poll(&mut write).is_pending());
    let FutureWriteCancel::Cancelled(value, writer) = Pin::new(&mut write).cancel() else {
        panic!("nobody has read");
    };
    drop(write);
    let mut read = reader.into_future();
    assert!(poll(&mut read).is_pending());
    let reader = Pin::new(&mut read).cancel().unwrap_err();
    drop(read);
    spawn_local(async move { writer.write(value).await.unwrap() });
    assert_eq!(block_on(async move { reader.await.0 }), 1);
    assert_empty();
}

#[test]
fn dropping_a_write_writes_the_default_instead() {
    let (writer, reader) = unsafe { future_new(|| Counted::new(9), &HANDLE_FUTURE) };
    let mut write = writer.write(Counted::new(1));
    assert!(poll(&mut write).is_pending());
    drop(write);
    run();
    assert_eq!(block_on(async move { reader.await.0 }), 9);
    assert_empty();
}
