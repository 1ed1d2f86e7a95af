//! `wasi:clocks/monotonic-clock` as split.

use std::time::{Duration, Instant};

use wasmtime::component::Linker;
use wasmtime::{Result, StoreContextMut};

use crate::split::{SplitView, async_imports, versions};

/// Defines the interface, in every version.
pub fn add_to_linker<T: SplitView>(linker: &mut Linker<T>) -> Result<()> {
    for name in versions("wasi:clocks/monotonic-clock") {
        let mut clock = async_imports(linker, &name)?;
        let instance = clock.instance();
        instance.func_wrap("now", |_: StoreContextMut<'_, T>, ()| Ok((now(),)))?;
        instance.func_wrap("get-resolution", |_: StoreContextMut<'_, T>, ()| {
            Ok((1u64,))
        })?;
        clock.func("wait-until", |_, (when,): (u64,)| {
            sleep(when.saturating_sub(now()))
        })?;
        clock.func("wait-for", |_, (how_long,): (u64,)| sleep(how_long))?;
    }
    Ok(())
}

/// Nanoseconds since the first call in this process.
fn now() -> u64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    let elapsed = START.get_or_init(Instant::now).elapsed();
    // Enough for 584 years.
    elapsed.as_nanos() as u64
}

async fn sleep(nanoseconds: u64) -> Result<()> {
    if nanoseconds > 0 {
        tokio::time::sleep(Duration::from_nanos(nanoseconds)).await;
    }
    Ok(())
}
