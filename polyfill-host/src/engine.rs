//! The engines that components run on: their features, allocator and cache.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Once;
use std::thread;
use std::time::Duration;
use wasmtime::{
    Cache, CacheConfig, Config, Engine, InstanceAllocationStrategy, Memory, MemoryType,
    PoolingAllocationConfig, Store,
};

/// How often the epoch of an engine with a ticker advances: at this interval, a guest that computes without end yields to
/// others, and can be interrupted.
pub const EPOCH: Duration = Duration::from_millis(10);

/// The features of an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Features {
    /// The features of a WASI 0.2 engine: no component-model-async, no concurrency support.
    ///
    /// A split component needs neither, and is much faster without them. So every start proves that the component is valid WASI
    /// 0.2.
    Plain,
    /// Component-model-async as well.
    Async,
}

/// How much the compiler optimizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OptLevel {
    /// Not at all: compiles fastest.
    None,
    /// For speed.
    Speed,
    /// For speed and size.
    SpeedAndSize,
}

/// How engines are built. Begin with the [default](EngineOptions::default), or [without a pool](EngineOptions::unpooled), and
/// change what you need.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EngineOptions {
    /// Whether compiled components are kept on disk for the next start. Default: no; the command line turns it on.
    pub cache: bool,
    /// The cache's configuration file; without one, the cache's defaults.
    pub cache_config: Option<PathBuf>,
    /// Whether to compile on all cores. Default: yes.
    pub parallel_compilation: bool,
    /// How much to optimize; `None`: for speed.
    pub opt_level: Option<OptLevel>,
    /// Whether to reserve room for instances beforehand, which makes instantiating much faster. `None`: if the system has the
    /// address space.
    pub pooling_allocator: Option<bool>,
    /// Component instances that there may be at once, with the pooling allocator. Default: 1000.
    pub pooling_total_component_instances: u32,
    /// Linear memories that there may be at once, with the pooling allocator. Default: 1000.
    pub pooling_total_memories: u32,
    /// Bytes of a linear memory that stay resident when its instance is gone. Default: 128 KiB.
    pub pooling_memory_keep_resident: usize,
    /// Bytes of stack for wasm code; `None`: wasmtime's default.
    pub max_wasm_stack: Option<usize>,
    /// Bytes of stack for a suspended call, wasm and host code; `None`: wasmtime's default.
    pub async_stack_size: Option<usize>,
    /// Elements that a table may have (the pool reserves room for it). `None`: 100,000.
    pub max_table_elements: Option<usize>,
    /// Frames of a wasm stack in the report of a trap and in a [trace](crate::trace). `None`: wasmtime's default.
    pub max_backtrace: Option<NonZeroUsize>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            cache: false,
            cache_config: None,
            parallel_compilation: true,
            opt_level: None,
            pooling_allocator: None,
            pooling_total_component_instances: 1000,
            pooling_total_memories: 1000,
            pooling_memory_keep_resident: 128 << 10,
            max_wasm_stack: None,
            async_stack_size: None,
            max_table_elements: None,
            max_backtrace: None,
        }
    }
}

impl EngineOptions {
    /// The default, but without a pool: each instance allocates its own memory. For few instances, or several engines.
    pub fn unpooled() -> Self {
        Self {
            pooling_allocator: Some(false),
            ..Self::default()
        }
    }

    /// A new engine, with a [ticker](tick).
    ///
    /// # Errors
    /// If the options contradict each other, or the machine cannot fulfil them.
    pub fn engine(&self, features: Features) -> wasmtime::Result<Engine> {
        tell_small_address_space();
        let mut config = self.config(features)?;
        let engine = match self.pooling_allocator {
            Some(false) => on_demand(config)?,
            wanted => {
                config.allocation_strategy(InstanceAllocationStrategy::Pooling(self.pool()));
                match Engine::new(&config) {
                    Err(error) if wanted.is_none() => {
                        tracing::warn!(
                            "the system refuses the address space for a pool of instances, so that each gets its own memory, \
                             which is slower ({}): `ulimit -v unlimited` lifts a limit of the shell's, \
                             `-O pooling-total-memories=N` makes the pool smaller, `-O pooling-allocator=n` goes without this \
                             warning",
                            error.root_cause()
                        );
                        config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
                        on_demand(config)?
                    }
                    engine => engine?,
                }
            }
        };
        tick(&engine)?;
        Ok(engine)
    }

    /// The configuration of such an engine, without the pool. Code that makes an engine of it must start the [ticker](tick).
    ///
    /// # Errors
    /// If the cache's configuration cannot be read.
    pub fn config(&self, features: Features) -> wasmtime::Result<Config> {
        let mut config = Config::new();
        let is_async = features == Features::Async;
        config
            .wasm_component_model_async(is_async)
            // Types that are new in WIT of 0.3; the split replaces them by types of 0.2.
            .wasm_component_model_map(is_async)
            .wasm_component_model_fixed_length_lists(is_async)
            .concurrency_support(is_async)
            .epoch_interruption(true)
            .parallel_compilation(self.parallel_compilation);
        if let Some(level) = self.opt_level {
            config.cranelift_opt_level(match level {
                OptLevel::None => wasmtime::OptLevel::None,
                OptLevel::Speed => wasmtime::OptLevel::Speed,
                OptLevel::SpeedAndSize => wasmtime::OptLevel::SpeedAndSize,
            });
        }
        if let Some(size) = self.max_wasm_stack {
            config.max_wasm_stack(size);
        }
        if let Some(size) = self.async_stack_size {
            config.async_stack_size(size);
        }
        if self.max_backtrace.is_some() {
            config.wasm_backtrace_max_frames(self.max_backtrace);
        }
        if self.cache {
            config.cache(self.open_cache()?);
        }
        Ok(config)
    }

    /// Opens the cache. If it cannot be opened, that only costs time, unless the user configured it.
    fn open_cache(&self) -> wasmtime::Result<Option<Cache>> {
        match &self.cache_config {
            Some(file) => Cache::from_file(Some(file)).map(Some),
            None => Ok(match Cache::new(CacheConfig::new()) {
                Ok(cache) => Some(cache),
                Err(error) => {
                    tracing::info!("compiled code is not kept on disk: {error:#}");
                    None
                }
            }),
        }
    }

    /// Elements that a table in a pool may have. Guests written in C# have tables of tens of thousands of functions.
    pub fn table_elements(&self) -> usize {
        self.max_table_elements.unwrap_or(100_000)
    }

    fn pool(&self) -> PoolingAllocationConfig {
        let mut pool = PoolingAllocationConfig::default();
        let components = self.pooling_total_component_instances;
        pool.total_component_instances(components)
            // A composition holds several core instances for each component in it.
            .total_core_instances(components.saturating_mul(16).max(LARGE_CORE_INSTANCES))
            .total_memories(self.pooling_total_memories)
            .total_tables(components.saturating_mul(4).max(LARGE_TABLES))
            // A guest task that waits in a host call holds a stack.
            .total_stacks(components.saturating_mul(4))
            .linear_memory_keep_resident(self.pooling_memory_keep_resident)
            .table_keep_resident(64 << 10)
            .table_elements(self.table_elements());
        pool
    }
}

/// Core instances and tables of a large composition: a pool with fewer would wait for them forever. A component that was translated
/// and lowered has twenty of the former and a dozen of the latter.
const LARGE_CORE_INSTANCES: u32 = 512;
const LARGE_TABLES: u32 = 128;

/// With less address space than this, threads, the compiler or the heap may not get what they need, which ends the process without
/// much of a word.
const LEAST_ADDRESS_SPACE: u64 = 1 << 30;

/// Warns, once, if the process has little address space.
fn tell_small_address_space() {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
        if let Some(limit) = address_space(&limits).filter(|limit| *limit < LEAST_ADDRESS_SPACE) {
            tracing::warn!(
                "the address space of this process is limited to {} MiB; with less than {} MiB it may end for want of memory at \
                 any time: `ulimit -v unlimited` lifts a limit of the shell's",
                limit >> 20,
                LEAST_ADDRESS_SPACE >> 20
            );
        }
    });
}

/// The limit of the address space in `/proc/self/limits`, in bytes; `None`: there is none, or the system does not tell.
fn address_space(limits: &str) -> Option<u64> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max address space"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// How many linear memories must have room, if each is to reserve as much as it may ever grow to.
const RESERVED: usize = 8;

/// An engine without a pool. If the system has the address space for several linear memories, each reserves as much as it may
/// grow to, which makes code faster.
fn on_demand(mut config: Config) -> wasmtime::Result<Engine> {
    let engine = Engine::new(&config)?;
    match reserves(&engine) {
        Ok(()) => Ok(engine),
        Err(error) => {
            tracing::warn!(
                "the system gives too little address space to reserve it for linear memories, so that code which uses them is \
                 slower ({}): `ulimit -v unlimited` lifts a limit of the shell's",
                error.root_cause()
            );
            config
                .memory_reservation(0)
                .memory_reservation_for_growth(0)
                .memory_guard_size(0);
            Engine::new(&config)
        }
    }
}

/// Tries to reserve the address space of several linear memories.
fn reserves(engine: &Engine) -> wasmtime::Result<()> {
    let mut store = Store::new(engine, ());
    for _ in 0..RESERVED {
        Memory::new(&mut store, MemoryType::new(0, None))?;
    }
    Ok(())
}

/// Advances the engine's epoch every [`EPOCH`], from a thread that ends with the engine.
///
/// # Errors
/// If the system gives no thread.
pub fn tick(engine: &Engine) -> wasmtime::Result<()> {
    let engine = engine.weak();
    thread::Builder::new()
        .name("epoch".to_owned())
        .spawn(move || {
            while let Some(engine) = engine.upgrade() {
                engine.increment_epoch();
                // Not held while asleep, so that the last user of the engine can drop it.
                drop(engine);
                thread::sleep(EPOCH);
            }
        })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_of_the_address_space_is_read() {
        let limits = |soft: &str| {
            format!(
                "Limit                     Soft Limit           Hard Limit           Units\n\
                 Max open files            1024                 1048576              files\n\
                 Max address space         {soft}            unlimited            bytes\n"
            )
        };
        assert_eq!(address_space(&limits("6442450944")), Some(6 << 30));
        assert_eq!(address_space(&limits("unlimited")), None);
        assert_eq!(address_space(""), None);
    }

    #[test]
    fn a_plain_engine_refuses_component_model_async() {
        let options = EngineOptions::default();
        let source = r#"(component (type (func async (result (future u32)))))"#;
        let plain = options.engine(Features::Plain).unwrap();
        assert!(wasmtime::component::Component::new(&plain, source).is_err());
        let full = options.engine(Features::Async).unwrap();
        wasmtime::component::Component::new(&full, source).unwrap();
    }

    #[test]
    fn only_an_engine_of_0_3_knows_maps_and_lists_of_fixed_length() {
        let options = EngineOptions::default();
        let plain = options.engine(Features::Plain).unwrap();
        let full = options.engine(Features::Async).unwrap();
        for ty in ["(map string u8)", "(list u8 4)"] {
            let source = format!("(component (type {ty}))");
            assert!(wasmtime::component::Component::new(&plain, &source).is_err());
            wasmtime::component::Component::new(&full, &source).unwrap();
        }
    }
}
