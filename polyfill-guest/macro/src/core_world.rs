//! The world with the imports of polyfill-guest itself: tasks, byte streams, pollables, and stderr for panics.

use isyswasfa_wit::CORE_WIT;
use isyswasfa_wit::wasi::WASI_0_2_0;
use wit_parser::{Resolve, World, WorldId, WorldItem, WorldKey};

const WORLD: &str = "
    package isyswasfa:guest@0.1.0;
    world runtime {
      include isyswasfa:core/imports@0.1.0;
      import wasi:cli/stderr@0.2.0;
      /// Only here so that the pipe of a stream without payload is made.
      import unit: func(s: stream);
    }
";

/// The world, in a resolve of its own.
pub fn core_world() -> anyhow::Result<(Resolve, WorldId)> {
    let mut resolve = Resolve::default();
    WASI_0_2_0.push(&mut resolve)?;
    resolve.push_str("core.wit", CORE_WIT)?;
    let package = resolve.push_str("world.wit", WORLD)?;
    let world = resolve.select_world(&[package], None)?;
    let split = isyswasfa_wit::split(&resolve, world)?;
    let mut resolve = split.resolve;
    let World { imports, .. } = &mut resolve.worlds[split.world];
    imports.retain(|key, item| {
        matches!(
            (key, item),
            (WorldKey::Interface(_), WorldItem::Interface { .. })
        )
    });
    Ok((resolve, split.world))
}
