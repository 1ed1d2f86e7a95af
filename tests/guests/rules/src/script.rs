//! What an end of a pipe is told to do, in words:
//!
//! - `write:N`, `read:N`: writes N items, reads up to N; `0` waits for the other end
//! - `offer:N .. finish` or `.. cancel`: begins to write N items, does what stands between, and waits for the end of the
//!   write or cancels it; `want:N ..` likewise reads
//! - `step`, `at:N`: tells the other end that this one is here, waits for the Nth step
//! - `end`: drops the end; without it, it is dropped after the last word
//!
//! Items are numbered, and a reader makes sure that they come in order.

use std::fmt::Display;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use wit_bindgen::{
    FutureReader, FutureWriteCancel, FutureWriter, StreamReader, StreamResult, StreamWriter,
};

/// What is sent.
pub trait Payload: Sized + 'static {
    fn numbered(number: u32) -> Self;
    /// None: it has no room for a number.
    fn number(&self) -> Option<u32>;
}

impl Payload for u8 {
    fn numbered(number: u32) -> u8 {
        number as u8
    }
    fn number(&self) -> Option<u32> {
        Some(u32::from(*self))
    }
}

impl Payload for u32 {
    fn numbered(number: u32) -> u32 {
        number
    }
    fn number(&self) -> Option<u32> {
        Some(*self)
    }
}

impl Payload for String {
    fn numbered(number: u32) -> String {
        number.to_string()
    }
    fn number(&self) -> Option<u32> {
        Some(self.parse().expect("a number in words"))
    }
}

impl Payload for () {
    fn numbered(_: u32) {}
    fn number(&self) -> Option<u32> {
        None
    }
}

/// The steps of both scripts.
pub trait Steps {
    fn step(&self);
    fn reach(&self, step: u32) -> impl Future<Output = ()>;
}

/// The words that are left, and what came of those before.
struct Script<'a, S> {
    words: std::str::SplitWhitespace<'a>,
    steps: &'a S,
    log: Vec<String>,
}

/// A word with its number.
type Word<'a> = (&'a str, u32);

impl<'a, S: Steps> Script<'a, S> {
    fn new(script: &'a str, steps: &'a S) -> Self {
        Script {
            words: script.split_whitespace(),
            steps,
            log: Vec::new(),
        }
    }

    /// The next word that isn't about steps.
    async fn next(&mut self) -> Option<Word<'a>> {
        loop {
            let word = self.words.next()?;
            let (name, number) = word.split_once(':').unwrap_or((word, "0"));
            let number = number.parse().expect("a number after the colon");
            match name {
                "step" => self.steps.step(),
                "at" => self.steps.reach(number).await,
                _ => return Some((name, number)),
            }
        }
    }

    fn say(&mut self, what: impl Display) {
        self.log.push(what.to_string());
    }

    fn said(self) -> String {
        self.log.join(", ")
    }
}

/// Begins a future, and leaves it where it is.
async fn begin<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    poll_fn(|cx| {
        Poll::Ready(match future.as_mut().poll(cx) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        })
    })
    .await
}

pub async fn write<T: Payload>(
    mut writer: StreamWriter<T>,
    script: &str,
    steps: &impl Steps,
) -> String {
    let mut script = Script::new(script, steps);
    // The first item that nobody has taken.
    let mut next = 0;
    while let Some((word, count)) = script.next().await {
        if word == "end" {
            drop(writer);
            return rest(script).await;
        }
        let items = (next..next + count).map(T::numbered).collect();
        let mut write = pin!(writer.write(items));
        let (result, left) = match word {
            "write" => write.await,
            "offer" => {
                let early = begin(write.as_mut()).await;
                let (then, _) = script.next().await.expect("`finish` or `cancel`");
                if early.is_some() {
                    script.say("at once");
                }
                match (early, then) {
                    (Some(early), _) => early,
                    (None, "finish") => write.await,
                    (None, "cancel") => write.as_mut().cancel(),
                    (None, word) => panic!("`{word}` in an `offer`"),
                }
            }
            word => panic!("a writer does not know `{word}`"),
        };
        let left = left.into_vec();
        let taken = count - left.len() as u32;
        in_order(&left, next + taken);
        next += taken;
        script.say(format_args!(
            "{}, left {}",
            outcome(result, taken),
            left.len()
        ));
    }
    script.said()
}

pub async fn read<T: Payload>(
    mut reader: StreamReader<T>,
    script: &str,
    steps: &impl Steps,
) -> String {
    let mut script = Script::new(script, steps);
    let mut next = 0;
    while let Some((word, count)) = script.next().await {
        if word == "end" {
            drop(reader);
            return rest(script).await;
        }
        let room = Vec::with_capacity(count as usize);
        let mut read = pin!(reader.read(room));
        let (result, items) = match word {
            "read" => read.await,
            "want" => {
                let early = begin(read.as_mut()).await;
                let (then, _) = script.next().await.expect("`finish` or `cancel`");
                if early.is_some() {
                    script.say("at once");
                }
                match (early, then) {
                    (Some(early), _) => early,
                    (None, "finish") => read.await,
                    (None, "cancel") => read.as_mut().cancel(),
                    (None, word) => panic!("`{word}` in a `want`"),
                }
            }
            word => panic!("a reader does not know `{word}`"),
        };
        in_order(&items, next);
        next += items.len() as u32;
        script.say(outcome(result, items.len() as u32));
    }
    script.said()
}

/// `write`, or `offer .. finish` or `.. cancel`, or `end`: without its value, which gives the reader the default, -1.
pub async fn write_future<T: Payload>(
    writer: FutureWriter<T>,
    script: &str,
    steps: &impl Steps,
) -> String {
    let mut script = Script::new(script, steps);
    let Some((word, _)) = script.next().await else {
        return script.said();
    };
    if word == "end" {
        drop(writer);
        return rest(script).await;
    }
    let mut write = pin!(writer.write(T::numbered(7)));
    let early = match word {
        "offer" => begin(write.as_mut()).await,
        _ => None,
    };
    let then = match word {
        "offer" => script.next().await.expect("`finish` or `cancel`").0,
        word => word,
    };
    match (early, then) {
        (Some(done), _) => script.say(written(done)),
        (None, "write" | "finish") => {
            let done = write.await;
            script.say(written(done));
        }
        (None, "cancel") => match write.as_mut().cancel() {
            FutureWriteCancel::AlreadySent => script.say("already sent"),
            FutureWriteCancel::Dropped(value) => {
                script.say(format_args!("dropped, {:?} comes back", value.number()));
            }
            FutureWriteCancel::Cancelled(value, writer) => {
                script.say(format_args!("cancelled, {:?} comes back", value.number()));
                drop(writer);
            }
        },
        (None, word) => panic!("the writer of a future does not know `{word}`"),
    }
    rest(script).await
}

fn written<T: Payload>(done: Result<(), wit_bindgen::FutureWriteError<T>>) -> String {
    match done {
        Ok(()) => "written".to_owned(),
        Err(error) => format!("dropped, {:?} comes back", error.value.number()),
    }
}

/// `read`, or `want .. finish`, or `want .. cancel` with one of the others after it, or `end`.
pub async fn read_future<T: Payload>(
    mut reader: FutureReader<T>,
    script: &str,
    steps: &impl Steps,
) -> String {
    let mut script = Script::new(script, steps);
    while let Some((word, _)) = script.next().await {
        if word == "end" {
            drop(reader);
            return rest(script).await;
        }
        let mut read = pin!(reader.into_future());
        let early = match word {
            "want" => begin(read.as_mut()).await,
            _ => None,
        };
        let then = match word {
            "want" => script.next().await.expect("`finish` or `cancel`").0,
            word => word,
        };
        let value = match (early, then) {
            (Some(value), _) => value,
            (None, "read" | "finish") => read.await,
            (None, "cancel") => match read.as_mut().cancel() {
                Ok(value) => value,
                Err(again) => {
                    script.say("cancelled");
                    reader = again;
                    continue;
                }
            },
            (None, word) => panic!("the reader of a future does not know `{word}`"),
        };
        script.say(format_args!("read {:?}", value.number()));
        return rest(script).await;
    }
    script.said()
}

/// The steps after the last word of weight.
async fn rest<S: Steps>(mut script: Script<'_, S>) -> String {
    if let Some((word, _)) = script.next().await {
        panic!("`{word}` after the end");
    }
    script.said()
}

fn outcome(result: StreamResult, moved: u32) -> String {
    match result {
        StreamResult::Complete(count) => {
            assert_eq!(count as u32, moved, "what it says has moved has moved");
            format!("complete {count}")
        }
        StreamResult::Dropped => format!("dropped {moved}"),
        StreamResult::Cancelled => format!("cancelled {moved}"),
    }
}

fn in_order<T: Payload>(items: &[T], first: u32) {
    for (item, number) in items.iter().zip(first..) {
        assert_eq!(
            item.number().unwrap_or(number),
            number,
            "items come in order"
        );
    }
}
