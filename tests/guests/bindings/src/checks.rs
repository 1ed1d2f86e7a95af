//! Calls of all that the host implements.

use crate::MILLISECOND;
use crate::test::bindings::services::{self, Counter, Labelled, Problem};
use crate::test::bindings::shapes::{Color, Everything, Point, Shape, Style};
use crate::{wit_future, wit_stream};
use compat_api::clocks::monotonic_clock;
use std::pin::pin;
use std::task::Poll;
use wit_bindgen::StreamReader;

/// Does what `name` says, and says what came of it.
pub async fn check(name: &str) -> String {
    match name {
        "resources" => resources().await,
        "types" => types().await,
        "bytes" => bytes().await,
        "points" => points().await,
        "units" => units().await,
        "nested" => nested().await,
        "counters" => counters().await,
        "everything" => everything_streamed().await,
        "errors" => {
            let lost = services::fail(Problem::Lost).await;
            let broken = services::fail(Problem::Broken).await;
            let name = |problem: Problem| problem.name();
            format!("{:?}, {:?}", lost.map_err(name), broken.map_err(name))
        }
        "cancel" => cancel().await,
        "slow" => services::slow(),
        other => format!("no check `{other}`"),
    }
}

pub fn everything() -> Everything {
    Everything {
        a: true,
        b: 200,
        c: -100,
        d: 60_000,
        e: -30_000,
        f: 4_000_000_000,
        g: -2_000_000_000,
        h: u64::MAX,
        i: i64::MIN,
        j: 1.5,
        k: -2.25,
        l: 'ß',
        m: "text".to_owned(),
        n: vec![1, 2, 3],
        o: Some(Point { x: 1, y: -1 }),
        p: Err("no".to_owned()),
        q: (7, "seven".to_owned()),
        r: Color::DarkBlue,
        s: Style::BOLD | Style::STATIC,
        t: Shape::Polygon(vec![Point { x: 0, y: 1 }, Point { x: 2, y: 3 }]),
        u: Err(()),
        v: Some(None),
        type_: vec!["a".to_owned(), String::new()],
    }
}

async fn resources() -> String {
    let (a, b) = (Counter::new(1), Counter::new(10));
    let (two, twelve) = futures_join(a.add(1), b.add(2)).await;
    let merged = Counter::merge(a, &b).await;
    let merged = match merged {
        Ok(merged) => merged.get(),
        Err(problem) => return format!("{problem:?}"),
    };
    let before = services::counters();
    drop(b);
    format!(
        "{two}, {twelve}, {merged}, {before} and {}",
        services::counters()
    )
}

/// Both at once.
async fn futures_join<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut of_a, mut of_b) = (None, None);
    std::future::poll_fn(|cx| {
        if of_a.is_none()
            && let Poll::Ready(value) = a.as_mut().poll(cx)
        {
            of_a = Some(value);
        }
        if of_b.is_none()
            && let Poll::Ready(value) = b.as_mut().poll(cx)
        {
            of_b = Some(value);
        }
        match (of_a.is_some(), of_b.is_some()) {
            (true, true) => Poll::Ready(()),
            _ => Poll::Pending,
        }
    })
    .await;
    (of_a.expect("just now"), of_b.expect("just now"))
}

async fn types() -> String {
    let sent = format!("{:?}", everything());
    let now = format!("{:?}", services::echo(&everything()));
    let later = format!("{:?}", services::echo_later(everything()).await);
    format!("{} {}", sent == now, sent == later)
}

async fn bytes() -> String {
    let (mut writer, reader) = wit_stream::new();
    let upper = services::upper(reader).await;
    wit_bindgen::spawn_local(async move {
        for piece in ["some ", "bytes ", "in pieces"] {
            writer.write_all(piece.into()).await;
            monotonic_clock::wait_for(MILLISECOND).await;
        }
    });
    String::from_utf8_lossy(&upper.collect().await).into_owned()
}

async fn points() -> String {
    let (mut writer, reader) = wit_stream::new();
    let length = services::length(reader).await;
    for x in 0..5 {
        writer.write_one(Point { x, y: 1 }).await;
    }
    drop(writer);
    format!("{:?}", length.await)
}

async fn units() -> String {
    let (mut writer, reader) = wit_stream::new();
    let done = services::beats(reader).await;
    let left = writer.write_all(vec![(), (), ()]).await;
    drop(writer);
    done.await;
    format!("{} left", left.len())
}

async fn nested() -> String {
    let mut words = Vec::new();
    let mut streams = services::letters(&["one".to_owned(), String::new(), "three".to_owned()]);
    while let Some(stream) = streams.next().await {
        words.push(String::from_utf8_lossy(&stream.collect().await).into_owned());
    }
    words.join("-")
}

async fn counters() -> String {
    let (mut writer, reader) = wit_stream::new();
    let raised: StreamReader<Counter> = services::raise(reader).await;
    wit_bindgen::spawn_local(async move {
        for start in [1, 2, 3] {
            let label = format!("number {start}");
            let counter = Counter::new(start);
            writer.write_one(Labelled { label, counter }).await;
        }
    });
    let raised = raised.collect().await;
    let values: Vec<_> = raised.iter().map(Counter::get).collect();
    let before = services::counters();
    drop(raised);
    format!("{values:?}, {before} and {}", services::counters())
}

async fn everything_streamed() -> String {
    let (mut writer, reader) = wit_stream::new();
    let echoed = services::echo_all(reader).await;
    wit_bindgen::spawn_local(async move {
        writer.write_all(vec![everything(), everything()]).await;
        writer.write_one(everything()).await;
    });
    let echoed = echoed.collect().await;
    let same = |one| format!("{one:?}") == format!("{:?}", everything());
    format!("{} {}", echoed.len(), echoed.into_iter().all(same))
}

async fn cancel() -> String {
    let mut hang = Box::pin(services::hang());
    std::future::poll_fn(|cx| {
        assert!(hang.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    drop(hang);
    let (writer, never) = wit_future::new(|| 5u32);
    drop(writer);
    format!("{} given up, {}", services::given_up(), never.await)
}
