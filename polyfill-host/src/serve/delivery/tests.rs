use super::super::connection::Activity;
use super::super::exchange::{Exchange, Phase};
use super::super::shares::Shares;
use super::*;
use crate::serve::ServeOptions;
use futures::task::noop_waker_ref;
use http_body_util::{BodyExt, Full, StreamBody};

async fn source(body: WasiBody) -> (Source, Arc<Exchange>) {
    let exchange = Exchange::new(1, Instant::now());
    let shares = Shares::new(&ServeOptions::default());
    let client = shares.connect([127, 0, 0, 1].into(), 1);
    let share = shares.take(&client).await;
    exchange.take_share(&share);
    let client = Some((Client::new(exchange.clone()), share));
    (Source { body, client }, exchange)
}

fn whole(bytes: usize) -> WasiBody {
    let body = Full::new(Bytes::from(vec![7; bytes]));
    body.map_err(|never| match never {}).boxed_unsync()
}

fn endless() -> WasiBody {
    let frames = std::iter::repeat_with(|| Ok(Frame::data(Bytes::from(vec![7; 1000]))));
    StreamBody::new(futures::stream::iter(frames)).boxed_unsync()
}

fn context() -> Context<'static> {
    Context::from_waker(noop_waker_ref())
}

fn busy() -> Busy {
    Arc::new(Activity::default()).begin()
}

#[tokio::test]
async fn a_guest_is_done_though_its_client_takes_nothing() {
    let (source, exchange) = source(whole(100_000)).await;
    let backlog = Arc::default();
    let delivery = Delivery::new(source, &backlog, Some(Duration::from_secs(1)));
    assert_eq!(exchange.phase(), Phase::Streaming);
    delivery.pull_ahead(&mut context());
    assert_eq!(exchange.phase(), Phase::Finished);
    assert!(exchange.share().is_none(), "its share is free again");
    assert_eq!(backlog.0.load(Relaxed), 100_000);
    let body = delivery.body(busy()).collect().await.unwrap();
    assert_eq!(body.to_bytes().len(), 100_000);
    assert_eq!(backlog.0.load(Relaxed), 0);
}

#[tokio::test]
async fn what_waits_for_a_client_is_bounded() {
    let (source, exchange) = source(endless()).await;
    let backlog = Arc::default();
    let delivery = Delivery::new(source, &backlog, None);
    delivery.pull_ahead(&mut context());
    assert!(backlog.0.load(Relaxed) <= AHEAD + 1000);
    assert_eq!(exchange.phase(), Phase::Streaming);
    drop(delivery.body(busy()));
    assert_eq!(exchange.phase(), Phase::Gone);
    assert_eq!(backlog.0.load(Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn a_slow_client_gets_smaller_pieces() {
    let (source, _exchange) = source(whole(100_000)).await;
    let timeout = Duration::from_secs(8);
    let delivery = Delivery::new(source, &Arc::default(), Some(timeout));
    let mut body = delivery.body(busy());
    let mut next = async || {
        let frame = body.frame().await.unwrap().unwrap();
        frame.into_data().unwrap().len()
    };
    for expected in [1, 2, 4, 8, 16, 16] {
        assert_eq!(next().await, expected * 1024);
    }
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(next().await, SLOW_PIECE);
    assert_eq!(next().await, 2 * SLOW_PIECE);
}
