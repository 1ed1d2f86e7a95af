//! Worlds of every kind expand to code that compiles. It is never run here: that takes a component.

#![allow(dead_code)]

/// Functions of every shape, imported and exported; the exports are stubs.
mod functions {
    polyfill_guest::generate!({
        inline: "
            package test:functions@1.2.3;

            interface api {
              record rec { a: u32, b: string }
              flags tiny { a, b }
              flags wide { a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16,
                           a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31 }
              enum color { red, green }
              variant mix { none, int(u64), float(f32), double(f64), text(string), small(s8), %list(list<rec>), two(tuple<u8, f32>) }
              nothing: async func();
              small: async func(a: s8, b: s16, c: bool, d: char) -> s8;
              float: async func() -> f32;
              double: async func(a: f64) -> f64;
              enumerated: async func(a: color) -> color;
              flagged: async func(a: tiny, b: wide) -> wide;
              optional: async func(a: option<mix>, b: result<mix, color>) -> result<option<rec>, mix>;
              mixed: async func(a: mix, b: mix) -> mix;
              five: async func(a: u32, b: u64, c: f32, d: f64, e: string) -> list<string>;
              lots: async func(a: list<rec>, b: list<rec>, c: list<rec>, d: list<rec>, e: list<rec>, f: list<rec>,
                               g: list<rec>, h: list<rec>, i: list<rec>, j: u8) -> tuple<u64, u64, u64, u64, u64, u64, u64,
                               u64, u64, u64, u64, u64, u64, u64, u64, u64, string>;
              maps: async func(a: map<string, u32>) -> map<u32, list<u8>>;
              fixed: func(a: list<u32, 4>) -> list<f32, 2>;
              plain: func(a: mix) -> mix;
            }

            world test {
              import api;
              export api;
              import direct: async func(a: u32) -> string;
              export answer: async func(a: string) -> u32;
              export plain: func() -> string;
            }
        ",
        stubs,
    });
}

/// Resources with methods of every kind.
mod resources {
    polyfill_guest::generate!({
        inline: "
            package test:resources;

            interface things {
              resource thing {
                constructor(x: u32);
                wait: async func(n: u32) -> string;
                plain: func() -> u32;
                make: static async func(s: string) -> thing;
                merge: static async func(a: thing, b: borrow<thing>, c: list<borrow<thing>>) -> result<thing, string>;
              }
              all: async func() -> list<thing>;
            }

            interface users {
              use things.{thing};
              use-it: async func(t: thing) -> u32;
              lend-it: async func(t: borrow<thing>) -> u32;
            }

            world test {
              import things;
              import users;
              export things;
              export users;
            }
        ",
        stubs,
    });
}

/// Streams and futures of every kind of payload, in and out, in plain and in asynchronous functions.
mod pipes {
    polyfill_guest::generate!({
        inline: "
            package test:pipes@0.1.0;

            interface things {
              resource thing;
              record with-thing { t: thing, name: string }
              some: func() -> stream<thing>;
              one: func() -> future<thing>;
              both: async func(s: stream<with-thing>) -> future<result<thing, string>>;
            }

            interface plain {
              record rec { a: u32, b: string }
              bytes: func(s: stream<u8>) -> stream<u8>;
              units: func(s: stream, f: future) -> tuple<stream, future>;
              records: async func(s: stream<rec>) -> future<option<rec>>;
              nested: func(s: stream<stream<u8>>, f: future<stream<u32>>) -> stream<future<string>>;
              numbers: async func(s: stream<u64>, t: stream<f32>, c: stream<char>, b: stream<bool>) -> future<u8>;
              listed: func(s: list<stream<string>>, o: option<future<u32>>) -> result<stream<u16>, future<list<u8>>>;
            }

            world test {
              import things;
              import plain;
              export things;
              export plain;
              export run: async func(s: stream<string>) -> stream<string>;
            }
        ",
        stubs,
    });
}

/// Nothing asynchronous: what wit-bindgen makes of it.
mod sync_only {
    polyfill_guest::generate!({
        inline: "
            package test:sync;
            interface api { f: func(a: string) -> list<string>; }
            world test { import api; export api; export g: func(); }
        ",
        stubs,
    });
}

/// Asynchronous functions that are bound synchronously.
mod bound_sync {
    polyfill_guest::generate!({
        inline: "
            package test:bound-sync@0.1.0;
            interface api {
              resource r { wait: async func() -> u32; }
              none: async func(a: string);
              one: async func() -> f32;
              many: async func(a: u32, b: string) -> result<string, u64>;
              large: async func() -> tuple<u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64, u64>;
            }
            world test { import api; export api; import f: async func() -> string; export g: async func(a: string) -> string; }
        ",
        sync: true,
        stubs,
    });
}

/// The options that change types and modules.
mod options {
    mod borrowing {
        polyfill_guest::generate!({
            inline: "
                package test:borrowing;
                interface api {
                  record rec { a: string, b: list<string> }
                  f: async func(a: rec, b: list<rec>, c: string) -> rec;
                  g: func(a: rec);
                }
                world test { import api; export api; }
            ",
            ownership: Borrowing { duplicate_if_necessary: true },
            stubs,
        });
    }

    mod named {
        polyfill_guest::generate!({
            inline: "
                package test:named@0.3.0;
                interface api {
                  record point { x: u32, y: u32 }
                  enum e { a, b }
                  skipped: async func();
                  f: async func(p: point, e: e) -> point;
                }
                world test { import api; export api; }
            ",
            runtime_path: "polyfill_guest::rt",
            bitflags_path: "polyfill_guest::rt::bitflags",
            export_macro_name: "export_named",
            export_prefix: "prefix-",
            type_section_suffix: "suffix",
            default_bindings_module: "crate::options::named",
            additional_derives: [PartialEq, core::cmp::Eq],
            additional_derives_ignore: ["e"],
            additional_type_attributes: { "test:named/api@0.3.0/point": [#[derive(Hash)]] },
            additional_member_attributes: { "test:named/api@0.3.0/point.x": [#[doc = "Across."]] },
            skip: ["skipped"],
            generate_unused_types: true,
            disable_run_ctors_once_workaround: true,
            disable_custom_section_link_helpers: true,
            merge_structurally_equal_types: true,
            raw_strings,
            features: ["some-feature"],
            debug: false,
        });

        struct Component;

        impl exports::test::named::api::Guest for Component {
            async fn f(
                p: exports::test::named::api::Point,
                _: exports::test::named::api::E,
            ) -> exports::test::named::api::Point {
                p
            }
        }

        export_named!(Component);
    }

    mod shared {
        pub mod bindings {
            polyfill_guest::generate!({
                inline: "
                    package test:shared;
                    interface types { resource r { f: async func(); } }
                    world test { import types; }
                ",
            });
        }

        polyfill_guest::generate!({
            inline: "
                package test:shared;
                interface types { resource r { f: async func(); } }
                interface users { use types.{r}; g: async func(r: r) -> stream<r>; }
                world test { import types; import users; }
            ",
            with: { "test:shared/types": bindings::test::shared::types },
        });
    }
}

/// An inline interface, and one without a version.
mod inline_interfaces {
    polyfill_guest::generate!({
        inline: "
            package test:inline;
            world test {
              import host: interface {
                resource conn { send: async func(data: stream<u8>) -> result<u32, string>; }
                open: async func(name: string) -> conn;
              }
              export guest: interface {
                resource job { run: async func() -> u32; }
                start: async func() -> job;
                jobs: func() -> stream<job>;
              }
            }
        ",
        stubs,
    });
}

/// The worlds of WASI 0.3.
mod wasi {
    mod service {
        polyfill_guest::generate!({
            wasi: "0.3",
            world: "wasi:http/service@0.3.2",
            generate_all,
            stubs,
        });
    }

    mod middleware {
        polyfill_guest::generate!({
            wasi: "0.3",
            world: "wasi:http/middleware@0.3.2",
            export_prefix: "middleware-",
            generate_all,
            stubs,
        });
    }

    mod command {
        polyfill_guest::generate!({
            wasi: "0.3",
            world: "wasi:cli/command@0.3.2",
            generate_all,
            stubs,
        });
    }
}

/// Pipes of exported resources that no function mentions.
mod mentioned_elsewhere {
    polyfill_guest::generate!({
        inline: "
            package test:elsewhere;

            interface store {
              enum color { red, green }
              resource item;
              type items = stream<item>;
              type later = future<list<item>>;
            }

            interface right {
              use store.{item, color};
              record boxed { item: item, notes: list<tuple<string, item>>, color: color }
              variant parcel { none, empty(string), full(boxed), many(list<list<item>>) }
              feed: async func() -> stream<parcel>;
              nested: func() -> future<result<stream<item>, stream<u8>>>;
            }

            world test { export store; }
        ",
        stubs,
    });
}
