//! Tests of the macro's output, and of its errors.

mod backends;
mod wasip3;

use crate::generate::generate;
use proc_macro2::TokenStream;
use quote::quote;

/// Expands `generate!` with options, as if called for a crate `guest`.
fn expand(options: TokenStream) -> Result<String, String> {
    generate(quote!(isyswasfa guest { { #options } }))
        .map(|code| {
            let file = syn::parse2::<syn::File>(code).expect("the code parses");
            prettyplease::unparse(&file)
        })
        .map_err(|error| error.to_string())
}

const NATIVE: [&str; 8] = [
    "[async-lower]",
    "[async-lift]",
    "[callback]",
    "[task-return]",
    "[stream-",
    "[future-",
    "[context-",
    "[subtask-",
];

#[test]
fn nothing_of_the_native_abi_is_left() {
    for world in [
        "wasi:http/service@0.3.2",
        "wasi:http/middleware@0.3.2",
        "wasi:cli/command@0.3.2",
    ] {
        let code = expand(quote!(wasi: "0.3", world: #world, generate_all)).unwrap();
        for name in NATIVE {
            assert!(!code.contains(name), "`{name}` is left in `{world}`");
        }
        // Interfaces with changes are imported and exported under their new names only.
        for line in code.lines() {
            let native = line.contains("wasm_import_module") || line.contains("export_name");
            let moved = [
                "wasi:http/",
                "wasi:cli/stdout",
                "wasi:clocks/monotonic-clock",
            ];
            let moved = moved.iter().any(|name| line.contains(name));
            assert!(
                !(native && moved) || line.contains("@0.3.2-isyswasfa"),
                "`{world}` has the native {line}"
            );
        }
        assert!(code.contains("isyswasfa-poll"));
    }
}

#[test]
fn the_runtime_is_where_the_caller_has_it() {
    let inline = "package a:b; world w { import f: async func(); }";
    let code = expand(quote!(inline: #inline)).unwrap();
    assert!(code.contains("guest::rt::async_support::Link"));
    assert!(!code.contains(crate::runtime_path::PLACEHOLDER));

    let code = expand(quote!(inline: #inline, runtime_path: "my::own::rt")).unwrap();
    assert!(code.contains("my::own::rt::async_support::Link"));
    assert!(!code.contains("guest::rt"));
}

#[test]
fn a_world_without_anything_async_is_left_alone() {
    let inline = "package a:b@1.0.0; interface i { f: func(); } world w { import i; export i; }";
    let code = expand(quote!(inline: #inline)).unwrap();
    assert!(code.contains("a:b/i@1.0.0"));
    assert!(!code.contains("isyswasfa"));
}

#[test]
fn a_native_backend_is_wit_bindgen_s() {
    let inline = "package a:b; world w { import f: async func(); }";
    let code = generate(quote!(native guest { { inline: #inline } })).unwrap();
    let code = prettyplease::unparse(&syn::parse2(code).unwrap());
    assert!(code.contains("[async-lower]f"));
    assert!(code.contains("guest::rt::async_support"));
}

#[test]
fn a_borrow_of_another_s_resource_is_refused_in_an_exported_async_function() {
    let inline = "
        package a:b;
        interface types { resource r; }
        interface api { use types.{r}; f: async func(n: u32, rs: list<borrow<r>>); g: func(r: borrow<r>); }
        world w { import types; export api; }
    ";
    let error = expand(quote!(inline: #inline)).unwrap_err();
    assert!(error.contains("`f` of `a:b/api`"), "{error}");
    assert!(error.contains("`rs` borrows `r`"), "{error}");
    assert!(error.contains("help: "), "{error}");
}

#[test]
fn what_cannot_be_split_is_said() {
    let inline = "package a:b; world w { import f: async func(e: error-context); }";
    let error = expand(quote!(inline: #inline)).unwrap_err();
    assert!(error.contains("error-context"), "{error}");
}

#[test]
fn options_that_are_wrong_are_named() {
    let error = |options| expand(options).unwrap_err();
    assert!(error(quote!(wrold: "w")).contains("no option `wrold`"));
    assert!(error(quote!(world: "a", world: "b")).contains("`world` is given twice"));
    assert!(error(quote!(ownership: Stealing)).contains("expected `Owning` or `Borrowing`"));
    let inline = "package a:b; world w { import c:d/e; }";
    assert!(error(quote!(inline: #inline)).contains("c:d"));
    let missing = error(quote!(path: "no/such/folder"));
    assert!(missing.contains("no/such/folder"), "{missing}");
}

#[test]
fn the_option_async_can_repeat_what_the_wit_says() {
    let inline = "
        package a:b;
        interface api { f: async func(); g: func(); }
        world w { import api; export api; import h: async func(); }
    ";
    for options in [
        quote!(async: true),
        quote!(async: ["h"]),
        quote!(async: ["import:a:b/api#f", "export:a:b/api#f", "a:b/api#f", "all"], sync: ["h"]),
    ] {
        for backend in ["isyswasfa", "native"] {
            let backend = quote::format_ident!("{backend}");
            let options = quote!(inline: #inline, #options);
            let expanded = generate(quote!(#backend guest { { #options } }));
            expanded.unwrap_or_else(|error| panic!("{options}: {error}"));
        }
    }
    let error = |options| expand(quote!(inline: #inline, #options)).unwrap_err();
    let no = error(quote!(async: ["a:b/api#g"]));
    assert!(no.contains("`a:b/api#g` cannot be asynchronous"), "{no}");
    assert!(error(quote!(async: ["export:h"])).contains("no function `h`"));
    let no = error(quote!(async: false));
    assert!(no.contains("help: `sync: true`"), "{no}");
    assert!(error(quote!(async: true, async: true)).contains("`async` is given twice"));
    let inline = "package a:b; world w { import f: func(); }";
    expand(quote!(inline: #inline, async: false)).unwrap();
}

#[test]
fn an_interface_without_bindings_comes_with_advice() {
    let inline = "package a:b; world w { import wasi:random/random@0.3.2; }";
    let error = expand(quote!(wasi: "0.3", inline: #inline)).unwrap_err();
    assert!(error.contains("generate_all"), "{error}");
    assert!(error.contains("wasi:random/random@0.3.2"), "{error}");
}
