//! What an end of a large stream is told to do, in words.
//!
//! To write: `all` at once, `one` by one, `on` by hand after each partial write, or so with each write `cancelled` first.
//! To read: the `next` one each time, `collect` all, or `pieces` of 1,000.
//!
//! Items are numbered, and a reader makes sure that they come in order.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use wit_bindgen::{StreamReader, StreamResult, StreamWriter, yield_async};

/// What is sent.
pub trait Payload: Sized + 'static {
    fn numbered(number: u32) -> Self;
    /// Whether it could be the item of this number.
    fn is(&self, number: u32) -> bool;
}

impl Payload for u8 {
    fn numbered(number: u32) -> u8 {
        number as u8
    }
    fn is(&self, number: u32) -> bool {
        *self == number as u8
    }
}

impl Payload for u32 {
    fn numbered(number: u32) -> u32 {
        number
    }
    fn is(&self, number: u32) -> bool {
        *self == number
    }
}

/// Every thousandth text is long.
impl Payload for String {
    fn numbered(number: u32) -> String {
        let mut text = number.to_string();
        if number % 1000 == 999 {
            text += &"-".repeat(LONG);
        }
        text
    }
    fn is(&self, number: u32) -> bool {
        *self == String::numbered(number)
    }
}

/// How long they are.
const LONG: usize = 1 << 20;

impl Payload for () {
    fn numbered(_: u32) {}
    fn is(&self, _: u32) -> bool {
        true
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> impl Future<Output = Poll<F::Output>> {
    let mut future = future;
    poll_fn(move |cx| Poll::Ready(future.as_mut().poll(cx)))
}

/// Writes `count` items.
pub async fn write<T: Payload>(mut writer: StreamWriter<T>, count: u32, how: &str) {
    let all = || (0..count).map(T::numbered).collect::<Vec<T>>();
    match how {
        "all" => assert!(writer.write_all(all()).await.is_empty()),
        "one" => {
            for number in 0..count {
                let left = writer.write_one(T::numbered(number)).await;
                assert!(left.is_none());
            }
        }
        "on" => {
            let (mut result, mut values) = writer.write(all()).await;
            while values.remaining() > 0 {
                assert!(matches!(result, StreamResult::Complete(_)));
                (result, values) = writer.write_buf(values).await;
            }
        }
        "cancelled" => {
            let mut rest = None;
            loop {
                let mut write = pin!(match rest.take() {
                    None => writer.write(all()),
                    Some(values) => writer.write_buf(values),
                });
                let (_, values) = match poll(write.as_mut()).await {
                    Poll::Ready(output) => output,
                    Poll::Pending => {
                        // So that a reader has its turn with or without a write.
                        yield_async().await;
                        write.as_mut().cancel()
                    }
                };
                if values.remaining() == 0 {
                    break;
                }
                rest = Some(values);
                yield_async().await;
            }
        }
        how => panic!("no way to write `{how}`"),
    }
}

/// Reads all, and says what it was.
pub async fn read<T: Payload>(mut reader: StreamReader<T>, how: &str) -> String {
    let mut count = 0;
    let mut check = |item: &T| {
        assert!(item.is(count), "item {count} is another one");
        count += 1;
    };
    match how {
        "next" => {
            while let Some(item) = reader.next().await {
                check(&item);
            }
        }
        "collect" => reader.collect().await.iter().for_each(check),
        "pieces" => {
            let mut items = Vec::with_capacity(1000);
            loop {
                let result;
                (result, items) = reader.read(items).await;
                items.iter().for_each(&mut check);
                items.clear();
                if result == StreamResult::Dropped {
                    break;
                }
            }
        }
        how => panic!("no way to read `{how}`"),
    }
    format!("{count} in order")
}
