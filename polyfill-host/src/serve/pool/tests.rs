//! The pool with instances that do nothing but what they are told to.

use super::*;
use crate::serve::exchange::Client;
use tokio::sync::watch;

type Died = Option<Arc<wasmtime::Error>>;

struct Mock {
    running: AtomicBool,
    /// The guest has something under way.
    working: AtomicBool,
    /// The guest does not give control back.
    stuck: AtomicBool,
    death: watch::Sender<Died>,
    reported: Arc<Mutex<Vec<Report>>>,
}

type Report = (Vec<u64>, String, End);

impl Mock {
    fn die(&self, reason: &str) {
        let error = wasmtime::Error::msg(reason.to_owned());
        self.death.send_replace(Some(Arc::new(error)));
    }
}

/// So that a test can keep a handle on a mock without keeping the instance.
struct Held(Arc<Mock>);

impl Instance for Held {
    fn is_running(&self) -> bool {
        self.0.running.load(Ordering::Relaxed)
    }

    async fn has_work(&self) -> bool {
        if self.0.stuck.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        self.0.working.load(Ordering::Relaxed)
    }

    fn stop(&self, reason: &str) {
        self.0.die(reason);
    }

    fn death(&self) -> impl Future<Output = Died> + Send + 'static {
        let mut death = self.0.death.subscribe();
        async move { death.wait_for(Option::is_some).await.ok()?.clone() }
    }

    fn begins(&self, _request: u64) {}

    fn ends(&self, _request: u64) {}

    fn report(&self, requests: &[u64], reason: &wasmtime::Error, end: End) {
        let report = (requests.to_vec(), reason.to_string(), end);
        self.0.reported.lock().unwrap().push(report);
    }
}

#[derive(Clone, Default)]
struct Maker {
    made: Arc<Mutex<Vec<Weak<Mock>>>>,
    reported: Arc<Mutex<Vec<Report>>>,
}

impl Maker {
    fn made(&self) -> usize {
        self.made.lock().unwrap().len()
    }

    fn alive(&self) -> usize {
        let made = self.made.lock().unwrap();
        made.iter().filter(|mock| mock.strong_count() > 0).count()
    }

    fn mock(&self, index: usize) -> Arc<Mock> {
        self.made.lock().unwrap()[index].upgrade().expect("alive")
    }

    fn reports(&self) -> Vec<Report> {
        self.reported.lock().unwrap().clone()
    }
}

impl Make for Maker {
    type Instance = Held;

    async fn make(&self) -> wasmtime::Result<Held> {
        let mock = Arc::new(Mock {
            running: AtomicBool::new(false),
            working: AtomicBool::new(false),
            stuck: AtomicBool::new(false),
            death: watch::Sender::new(None),
            reported: self.reported.clone(),
        });
        self.made.lock().unwrap().push(Arc::downgrade(&mock));
        Ok(Held(mock))
    }
}

const TIMEOUT: Duration = Duration::from_secs(60);

fn pool(max_reuse: usize, max_concurrent_reuse: usize) -> (Pool<Maker>, Maker) {
    let maker = Maker::default();
    let sharing = Sharing {
        max_reuse,
        max_concurrent_reuse,
        idle_timeout: Duration::from_secs(1),
        request_timeout: TIMEOUT,
    };
    (Pool::new(maker.clone(), sharing), maker)
}

fn request(number: u64) -> Client {
    Client::new(Exchange::new(number, Instant::now() + TIMEOUT))
}

async fn lease(pool: &Pool<Maker>, client: &Client) -> Lease<Maker> {
    match pool.lease(client.exchange()).await {
        Ok(lease) => lease,
        Err(failure) => panic!("{failure}"),
    }
}

/// Lets spawned tasks go on until nothing is left for them to do now.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn requests_share_an_instance_up_to_the_limit() {
    let (pool, maker) = pool(100, 2);
    let clients: Vec<_> = (0..4).map(request).collect();
    let first = lease(&pool, &clients[0]).await;
    let _second = lease(&pool, &clients[1]).await;
    assert_eq!(maker.made(), 1);
    let _third = lease(&pool, &clients[2]).await;
    assert_eq!(maker.made(), 2, "the first is full");
    clients[0].finished();
    drop(first);
    let _fourth = lease(&pool, &clients[3]).await;
    assert_eq!(maker.made(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_instance_that_computes_is_left_alone_if_another_can() {
    let (mut pool, maker) = pool(100, 10);
    Arc::get_mut(&mut pool.shared).unwrap().parallel = 2;
    let clients: Vec<_> = (0..3).map(request).collect();
    let _first = lease(&pool, &clients[0]).await;
    maker.mock(0).running.store(true, Ordering::Relaxed);
    let _second = lease(&pool, &clients[1]).await;
    assert_eq!(maker.made(), 2);
    maker.mock(1).running.store(true, Ordering::Relaxed);
    let _third = lease(&pool, &clients[2]).await;
    assert_eq!(maker.made(), 2, "more would not be faster");
}

#[tokio::test(start_paused = true)]
async fn an_instance_goes_after_its_last_request_when_its_guest_has_finished() {
    let (pool, maker) = pool(2, 10);
    for number in 0..2 {
        let client = request(number);
        let lease = lease(&pool, &client).await;
        if number == 1 {
            maker.mock(0).working.store(true, Ordering::Relaxed);
        }
        client.finished();
        drop(lease);
    }
    let client = request(2);
    let _third = lease(&pool, &client).await;
    assert_eq!(maker.made(), 2);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(maker.alive(), 2, "its guest still works");
    maker.mock(0).working.store(false, Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(maker.alive(), 1);
    assert!(maker.reports().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_never_finishes_is_stopped() {
    let (pool, maker) = pool(1, 1);
    let client = request(7);
    let lease = lease(&pool, &client).await;
    maker.mock(0).working.store(true, Ordering::Relaxed);
    client.finished();
    drop(lease);
    tokio::time::sleep(TIMEOUT + Duration::from_secs(1)).await;
    assert_eq!(maker.alive(), 0);
}

#[tokio::test(start_paused = true)]
async fn idle_instances_go() {
    let (pool, maker) = pool(100, 1);
    let clients: Vec<_> = (0..3).map(request).collect();
    let mut leases = Vec::new();
    for client in &clients {
        leases.push(lease(&pool, client).await);
    }
    assert_eq!(maker.alive(), 3);
    clients[0].finished();
    clients[1].finished();
    leases.drain(..2);
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert_eq!(maker.alive(), 3);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(maker.alive(), 1, "one is busy");
    clients[2].finished();
    drop(leases);
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(maker.alive(), 0, "swept again");
}

#[tokio::test(start_paused = true)]
async fn a_death_fails_all_who_share_the_instance_and_nobody_else() {
    let (pool, maker) = pool(100, 2);
    let clients: Vec<_> = (0..4).map(request).collect();
    let mut leases = Vec::new();
    for client in &clients[..3] {
        leases.push(lease(&pool, client).await);
    }
    // One of them hears of it at once, and ends before anybody reports the death.
    maker.mock(0).die("unreachable");
    leases.remove(0).died();
    settle().await;
    let failed: Vec<_> = clients
        .iter()
        .map(|client| client.exchange().has_failed())
        .collect();
    assert_eq!(failed, [true, true, false, false]);
    assert_eq!(
        maker.reports(),
        [(vec![0, 1], "unreachable".to_owned(), End::Trapped)]
    );
    leases.remove(0);
    let _next = lease(&pool, &clients[3]).await;
    assert_eq!(maker.made(), 2, "the second has room");
    settle().await;
    assert_eq!(
        maker.alive(),
        1,
        "the first is not kept for its clients, who have not gone yet"
    );
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_is_stuck_when_its_client_has_gone_is_stopped() {
    let (pool, maker) = pool(100, 2);
    let client = request(0);
    let gone = lease(&pool, &client).await;
    let other = request(1);
    let _other = lease(&pool, &other).await;
    maker.mock(0).stuck.store(true, Ordering::Relaxed);
    drop(gone);
    drop(client);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(maker.reports().is_empty(), "it gets some grace");
    tokio::time::sleep(Duration::from_secs(10)).await;
    let (requests, _, end) = maker.reports().pop().expect("a report");
    assert_eq!((requests, end), (vec![0, 1], End::Stopped));
    assert!(other.exchange().has_failed());
}

#[tokio::test(start_paused = true)]
async fn a_guest_that_notices_that_its_client_has_gone_lives_on() {
    let (pool, maker) = pool(100, 2);
    let client = request(0);
    drop(lease(&pool, &client).await);
    drop(client);
    let other = request(1);
    let _other = lease(&pool, &other).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!((maker.made(), maker.reports()), (1, vec![]));
}
