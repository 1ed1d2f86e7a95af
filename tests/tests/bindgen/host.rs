//! A host program for the guest `bindings`: the same for components of both ABIs.

use futures::stream::{self, StreamExt};
use isyswasfa_tests::{Backend, guest};
use polyfill_host::embed::{self, FutureReader, HostResource, SplitCtx, SplitView, StreamReader};
use polyfill_host::engine::{EngineOptions, Features};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use test::bindings::services::{self, Labelled};
use test::bindings::shapes::{Color, Everything, Point, Problem, Shape, Style};
use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Result, Store, bail};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

polyfill_host::bindgen!({
    path: "guests/bindings/wit",
    world: "bindings",
    with: { "test:bindings/services.counter": Counter },
    trappable_error_type: { "test:bindings/shapes.problem" => Failure },
    imports: {
        "test:bindings/services.slow": async,
        "log": trappable | tracing,
    },
    exports: { default: tracing },
    additional_derives: [PartialEq],
});

/// What an instance has of its own.
pub struct State {
    split: SplitCtx,
    wasi: WasiCtx,
    table: ResourceTable,
    pub services: Arc<Services>,
}

impl State {
    /// How many handles guests have of the host's, pipes and tasks included.
    pub fn handles(&self) -> usize {
        self.split.handles()
    }
}

impl SplitView for State {
    fn split(&mut self) -> &mut SplitCtx {
        &mut self.split
    }

    fn table(&mut self) -> Option<&mut ResourceTable> {
        Some(&mut self.table)
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

/// A resource.
pub struct Counter {
    value: AtomicU32,
    alive: Arc<AtomicU32>,
}

impl Counter {
    fn new(value: u32, alive: &Arc<AtomicU32>) -> HostResource<Counter> {
        alive.fetch_add(1, SeqCst);
        HostResource::new(Counter {
            value: AtomicU32::new(value),
            alive: alive.clone(),
        })
    }

    /// One that nobody counts.
    pub fn with(value: u32) -> HostResource<Counter> {
        Counter::new(value, &Arc::default())
    }

    pub fn value(&self) -> u32 {
        self.value.load(SeqCst)
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, SeqCst);
    }
}

/// What guests import.
#[derive(Default)]
pub struct Services {
    counters: Arc<AtomicU32>,
    given_up: AtomicU32,
    lines: Mutex<Vec<String>>,
}

impl Services {
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    pub fn given_up(&self) -> u32 {
        self.given_up.load(SeqCst)
    }
}

/// The host's own error: one of WIT's, or a mistake.
pub enum Failure {
    Lost,
    Other(&'static str),
}

impl services::HostCounter for Services {
    fn new(&self, start: u32) -> HostResource<Counter> {
        Counter::new(start, &self.counters)
    }

    async fn add(&self, this: HostResource<Counter>, n: u32) -> u32 {
        tokio::time::sleep(Duration::from_millis(1)).await;
        this.value.fetch_add(n, SeqCst) + n
    }

    fn get(&self, this: HostResource<Counter>) -> u32 {
        this.value()
    }

    async fn merge(
        &self,
        a: HostResource<Counter>,
        b: HostResource<Counter>,
    ) -> Result<HostResource<Counter>, Failure> {
        tokio::task::yield_now().await;
        a.value.fetch_add(b.value(), SeqCst);
        Ok(a)
    }
}

impl services::Host for Services {
    fn convert_problem(&self, failure: Failure) -> Result<Problem> {
        match failure {
            Failure::Lost => Ok(Problem::Lost),
            Failure::Other("broken") => Ok(Problem::Broken),
            Failure::Other(mistake) => bail!(mistake),
        }
    }

    fn counters(&self) -> u32 {
        self.counters.load(SeqCst)
    }

    fn echo(&self, value: Everything) -> Everything {
        value
    }

    async fn echo_later(&self, value: Everything) -> Everything {
        tokio::task::yield_now().await;
        value
    }

    async fn echo_all(&self, values: StreamReader<Everything>) -> StreamReader<Everything> {
        values
    }

    async fn upper(&self, text: StreamReader<u8>) -> StreamReader<u8> {
        StreamReader::from_stream(text.map(|piece| piece.to_ascii_uppercase()))
    }

    async fn length(&self, mut points: StreamReader<Point>) -> FutureReader<Result<u32, Problem>> {
        let (writer, reader) = FutureReader::new();
        // Not when the guest reads the future, which it does when it has written all points.
        tokio::spawn(async move {
            let mut length = 0;
            while let Some(point) = points.next().await {
                length += point.x * point.y;
            }
            let length = u32::try_from(length).map_err(|_| Problem::Broken);
            writer.write(length).unwrap();
        });
        reader
    }

    async fn beats(&self, ticks: StreamReader<()>) -> FutureReader<()> {
        let (writer, reader) = FutureReader::new();
        tokio::spawn(async move {
            assert_eq!(ticks.collect().await.len(), 3);
            writer.write(()).unwrap();
        });
        reader
    }

    fn letters(&self, words: Vec<String>) -> StreamReader<StreamReader<u8>> {
        let streams = stream::iter(words).map(|word| vec![StreamReader::from(word.into_bytes())]);
        StreamReader::from_stream(streams)
    }

    async fn raise(
        &self,
        mut labelled: StreamReader<Labelled>,
    ) -> StreamReader<HostResource<Counter>> {
        let (mut writer, reader) = StreamReader::new();
        tokio::spawn(async move {
            while let Some(Labelled { label, counter }) = labelled.next().await {
                assert!(label.starts_with("number "));
                counter.value.fetch_add(100, SeqCst);
                if writer.write_one(counter).await.is_err() {
                    return;
                }
            }
        });
        reader
    }

    async fn fail(&self, how: Problem) -> Result<u32, Failure> {
        match how {
            Problem::Lost => Err(Failure::Lost),
            Problem::Broken => Err(Failure::Other("broken")),
        }
    }

    async fn hang(&self) {
        struct GivenUp<'a>(&'a AtomicU32);

        impl Drop for GivenUp<'_> {
            fn drop(&mut self) {
                self.0.fetch_add(1, SeqCst);
            }
        }

        let _given_up = GivenUp(&self.given_up);
        std::future::pending().await
    }

    fn given_up(&self) -> u32 {
        self.given_up()
    }

    async fn slow(&self) -> String {
        tokio::time::sleep(Duration::from_millis(5)).await;
        "slow, but there".to_owned()
    }
}

impl BindingsImports for Services {
    async fn log(&self, line: String) -> Result<u32> {
        if line.ends_with("bad") {
            bail!("the log is full");
        }
        let mut lines = self.lines.lock().unwrap();
        lines.push(line);
        Ok(lines.len() as u32)
    }

    fn note(&self, line: String) {
        self.lines.lock().unwrap().push(line);
    }
}

impl inner::Host for Services {
    async fn ask(&self, question: String) -> String {
        tokio::time::sleep(Duration::from_millis(1)).await;
        format!("{question} because")
    }
}

/// An instance of the guest.
pub async fn instantiate(backend: Backend) -> Bindings<State> {
    instantiate_file(backend, "bindings", None).await.unwrap()
}

/// The same on an engine that runs components of both ABIs.
pub async fn instantiate_on_async_engine(backend: Backend) -> Bindings<State> {
    let features = Some(Features::Async);
    instantiate_file(backend, "bindings", features)
        .await
        .unwrap()
}

/// Of another guest.
pub async fn instantiate_other(backend: Backend, name: &str) -> Result<Bindings<State>> {
    instantiate_file(backend, name, None).await
}

async fn instantiate_file(
    backend: Backend,
    name: &str,
    features: Option<Features>,
) -> Result<Bindings<State>> {
    let wasm = std::fs::read(guest(name, backend))?;
    let options = EngineOptions::unpooled();
    let features = features.unwrap_or(embed::features(&wasm)?);
    let engine = options.engine(features)?;
    let component = embed::component(&engine, &wasm)?;
    let mut linker = Linker::new(&engine);
    embed::add_wasi_to_linker(&mut linker)?;
    Bindings::add_to_linker(&mut linker, |state: &mut State| state.services.clone())?;
    let state = State {
        split: SplitCtx::default(),
        wasi: WasiCtx::builder().inherit_stderr().build(),
        table: ResourceTable::new(),
        services: Arc::default(),
    };
    Bindings::instantiate_async(Store::new(&engine, state), &component, &linker).await
}

/// A value of every type.
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
