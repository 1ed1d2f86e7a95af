//! Makes the engine that split components run on: no concurrency, epochs, a pooling allocator.

use std::thread;
use std::time::Duration;

use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, Result};

/// How often the epoch of an engine with a ticker advances: the grain of `max_run` and of yielding.
pub const EPOCH: Duration = Duration::from_millis(10);

/// What an engine may use for all its instances together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EngineLimits {
    /// Whether instances come from a pool of preallocated slots; instantiating is much faster then.
    pub pooling: bool,
    /// Component instances that may live at once (with `pooling`).
    pub instances: u32,
    /// Bytes that one linear memory may grow to (with `pooling`).
    pub memory: usize,
}

impl Default for EngineLimits {
    fn default() -> Self {
        EngineLimits {
            pooling: true,
            instances: 1000,
            memory: 4 << 30,
        }
    }
}

/// The configuration for split components.
///
/// Component-model-async and wasmtime's concurrency support are off: a split component needs neither, is much faster
/// without, and thereby proves at every start that it is valid WASI 0.2.
pub fn config(limits: &EngineLimits) -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model_async(false)
        .concurrency_support(false)
        .epoch_interruption(true);
    if limits.pooling {
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool(limits)));
    }
    config
}

/// An engine of that configuration, with a ticker.
///
/// # Errors
///
/// If the pool can't be reserved, or the ticker's thread can't be started.
pub fn engine(limits: &EngineLimits) -> Result<Engine> {
    let engine = Engine::new(&config(limits))?;
    tick(&engine)?;
    Ok(engine)
}

/// Advances the engine's epoch every [`EPOCH`], from a thread that ends with the engine.
///
/// # Errors
///
/// If the thread can't be started.
pub fn tick(engine: &Engine) -> Result<()> {
    let engine = engine.weak();
    thread::Builder::new().name("epoch".into()).spawn(move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            thread::sleep(EPOCH);
        }
    })?;
    Ok(())
}

/// The pool: what one component may consist of is generous, since compositions have many parts.
fn pool(limits: &EngineLimits) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.instances)
        .total_core_instances(limits.instances.saturating_mul(4))
        .total_memories(limits.instances)
        .total_tables(limits.instances.saturating_mul(2))
        .total_stacks(limits.instances)
        .max_component_instance_size(1 << 20)
        .max_core_instance_size(1 << 20)
        .max_core_instances_per_component(200)
        .max_memories_per_component(50)
        .max_tables_per_component(50)
        .max_memory_size(limits.memory)
        .linear_memory_keep_resident(1 << 20)
        .table_keep_resident(1 << 16);
    pool
}
