//! The world with the imports of polyfill-guest itself: tasks, byte streams, pollables, and stderr for panics.

use isyswasfa_wit::CORE_WIT;
use wit_parser::{Resolve, World, WorldId, WorldItem, WorldKey};

/// `wasi:io` as every WASI 0.2 host has it: nothing in it is younger than 0.2.0.
const IO: &str = include_str!("../../../wit/wasi/0.2/deps/io.wit");

const CLI: &str = "
    package wasi:cli@0.2.0;
    interface stderr {
      use wasi:io/streams@0.2.0.{output-stream};
      get-stderr: func() -> output-stream;
    }
";

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
    resolve.push_str("io.wit", &IO.replace("@0.2.12", "@0.2.0"))?;
    resolve.push_str("core.wit", CORE_WIT)?;
    resolve.push_str("cli.wit", CLI)?;
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
