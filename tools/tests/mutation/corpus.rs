//! Whole components, small enough to be read thousands of times: one for each of some worlds, in both ABIs, whose code does nothing.

use isyswasfa_wit::wasi::WASI_0_3;
use isyswasfa_wit::{CORE_WIT, IO_WIT};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve, WorldId};

const WIT: &str = "
    package test:mutation@1.2.0;

    interface store {
      resource item {
        constructor(n: u32);
        price: async func() -> u32;
        label: func() -> string;
      }
      make: async func(n: u32) -> item;
    }

    interface left {
      use store.{item};
      record named { name: string, item: item }
      wrap: async func(i: item) -> list<named>;
      feed: func() -> stream<named>;
    }

    interface plain {
      variant shape { round(f64), long(tuple<u8, string>), none }
      flags bits { a, b, c }
      same: func(s: shape, b: bits) -> result<option<shape>, bits>;
      later: async func(s: list<shape>) -> result<shape, string>;
      bytes: async func(s: stream<u8>) -> future<string>;
      shared: async func(a: map<string, u8>) -> list<u8, 4>;
    }

    interface calls {
      use plain.{shape};
      use left.{named as renamed};
      add: async func(a: u32, b: shape) -> u64;
    }

    world provider { export store; }
    world middle { import store; export left; }
    world uses { import left; import store; export calls; }
    world leaf { export plain; }
    world both { import plain; export plain; import at-top: async func(a: u32) -> string; export run-it: async func() -> u32; }
    world lowerable { import calls; export simple: func(a: list<u8>) -> string; export slow: async func(a: string) -> option<u32>; }
    world streams { export pass: func(s: stream<u8>) -> stream<u8>; import into: func(f: future); }
";

/// A component that only looks like a command of WASI.
const ODD_COMMAND: &str = "
    package wasi:cli@0.3.2;
    interface run { run: async func() -> result; }
    interface stdout { write: func(data: stream<u8>) -> future<result<_, u8>>; }
    interface environment { get: func() -> list<string>; }
    world command { import stdout; import environment; export run; }
    world both-runs { import environment; export run; export wasi:cli/other@0.2.6; }
    package wasi:cli@0.2.6 { interface other { run: func() -> result; } }
";

/// All of them.
#[allow(dead_code)] // not every test uses all of it
pub fn components() -> Vec<Vec<u8>> {
    let mut components = Vec::new();
    // The real ones: a server, a middleware, a command.
    let mut resolve = Resolve::default();
    let packages = WASI_0_3.push(&mut resolve).unwrap();
    for world in [
        "wasi:http/service@0.3.2",
        "wasi:http/middleware@0.3.2",
        "wasi:cli/command@0.3.2",
    ] {
        let world = resolve.select_world(&packages, Some(world)).unwrap();
        let split = isyswasfa_wit::split(&resolve, world).unwrap();
        components.push(component(&split.resolve, split.world, LiftLowerAbi::Sync));
    }
    for text in [WIT, ODD_COMMAND] {
        let mut resolve = Resolve {
            all_features: true,
            ..Resolve::default()
        };
        let package = resolve.push_source("mutation.wit", text).unwrap();
        for world in resolve.packages[package].worlds.values() {
            let split = isyswasfa_wit::split(&resolve, *world).unwrap();
            components.push(component(&split.resolve, split.world, LiftLowerAbi::Sync));
            components.push(component(&resolve, *world, LiftLowerAbi::AsyncCallback));
        }
    }
    components
}

/// A component of the split ABI for the world `world` of some WIT.
#[allow(dead_code)] // not every test uses all of it
pub fn split(wit: &str, world: &str) -> Vec<u8> {
    split_beside(Resolve::default(), wit, world)
}

/// As [`split`], where the WIT may use the packages in `resolve`.
#[allow(dead_code)] // not every test uses all of it
pub fn split_beside(mut resolve: Resolve, wit: &str, world: &str) -> Vec<u8> {
    let package = resolve
        .push_source("guest.wit", wit)
        .unwrap_or_else(|error| panic!("{}", resolve.render_error(&error)));
    let world = resolve.packages[package].worlds[world];
    let split = isyswasfa_wit::split(&resolve, world).unwrap();
    component(&split.resolve, split.world, LiftLowerAbi::Sync)
}

/// A component for the world `world` of WIT that is written in the form that the split makes, which may be damaged.
#[allow(dead_code)] // not every test uses all of it
pub fn as_written(wit: &str, world: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    for (name, text) in [("io.wit", IO_WIT), ("core.wit", CORE_WIT)] {
        resolve.push_source(name, text).unwrap();
    }
    let package = resolve
        .push_source("guest.wit", wit)
        .unwrap_or_else(|error| panic!("{}", resolve.render_error(&error)));
    let world = resolve.packages[package].worlds[world];
    component(&resolve, world, LiftLowerAbi::Sync)
}

fn component(resolve: &Resolve, world: WorldId, abi: LiftLowerAbi) -> Vec<u8> {
    let mut module = dummy_module(resolve, world, ManglingAndAbi::Legacy(abi));
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8, false).unwrap();
    let mut encoder = ComponentEncoder::default();
    encoder.validate(false).module(&module).unwrap();
    encoder.encode().unwrap()
}
