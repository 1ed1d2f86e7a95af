//! Tests of what `compose` adds to a provider that was built with less WIT, or more, than its importers.

mod mutation;

use isyswasfa_tools::abi::Shape;
use isyswasfa_tools::compose::{Part, Plug, compose};
use mutation::corpus::split;
use std::path::Path;
use wasmparser::{Validator, WasmFeatures};

const STORE: &str = "
    interface base {
      enum color { red, green }
      resource shelf { constructor(); }
    }
    interface store {
      use base.{color, shelf};
      paint: func(s: borrow<shelf>) -> color;
      resource item { constructor(n: u32); label: func() -> string; }
      record detail { text: string, tags: list<string> }
      describe: func(i: borrow<item>) -> detail;
    }
    world provider { export base; export store; }
    world importer { import base; import store; export run: async func() -> u32; }
";

/// Other interfaces stream what is in the store: alone, in records and variants, and streams of such.
const STREAMS: &str = "
    interface right {
      use store.{item, detail, color, shelf};
      record boxed { item: item, detail: detail, at: option<u64> }
      variant parcel { empty, one(boxed), many(list<tuple<item, string>>) }
      flags bits { a, b }
      record marked { item: item, color: color, bits: bits }
      items: async func() -> stream<item>;
      parcels: async func(s: stream<parcel>) -> future<result<list<item>, string>>;
      nested: async func() -> stream<tuple<stream<item>, stream<u8>, future<u32>>>;
      shelves: async func() -> stream<tuple<item, shelf>>;
      one-marked: async func() -> future<marked>;
    }
    world streams { import store; export right; }
";

fn wit(more: &str) -> String {
    format!("package p:q@1.0.0;\n{STORE}\n{more}")
}

/// The remaining imports from the package.
#[track_caller]
fn composed(main: Vec<u8>, provider: Vec<u8>) -> Vec<String> {
    let part = |name: &str, wasm| Part::new(name, wasm).unwrap();
    let plug = Plug {
        part: part("provider.wasm", provider),
        imports: vec![],
    };
    let composed = compose(part("main.wasm", main), vec![plug]);
    let wasm = composed.unwrap_or_else(|error| panic!("{error}")).wasm;
    let mut features = WasmFeatures::default();
    features.remove(WasmFeatures::CM_ASYNC);
    let mut validator = Validator::new_with_features(features);
    validator.validate_all(&wasm).unwrap();
    let mut imports = Shape::read(Path::new("composed.wasm"), &wasm)
        .unwrap()
        .imports;
    imports.retain(|name| name.starts_with("p:q/"));
    imports
}

#[test]
fn a_provider_that_knows_no_stream_is_given_its_pipes() {
    let main = split(&wit(STREAMS), "streams");
    let provider = split(&wit(""), "provider");
    assert_eq!(composed(main, provider), [""; 0]);
}

#[test]
fn an_importer_that_knows_no_stream_is_served_by_a_provider_that_does() {
    let main = split(&wit(""), "importer");
    let provider = split(&wit(STREAMS), "provider");
    assert_eq!(composed(main, provider), [""; 0]);
}

#[test]
fn with_the_same_wit_nothing_is_added() {
    for world in ["streams", "importer"] {
        let main = split(&wit(STREAMS), world);
        let provider = split(&wit(STREAMS), "provider");
        assert_eq!(composed(main, provider), [""; 0]);
    }
}
