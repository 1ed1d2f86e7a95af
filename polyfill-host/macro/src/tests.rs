//! Tests of the code that `bindgen!` generates, and of its errors.

use crate::expand;
use proc_macro2::TokenStream;
use quote::quote;

/// The code for a world with these items and these options.
fn bindings(items: &str, options: TokenStream) -> Result<String, String> {
    let wit = format!("package t:t@1.0.0; {items}");
    let code = expand(quote!(polyfill_host { { inline: #wit, #options } }));
    let code = code.map_err(|error| error.to_string())?;
    syn::parse2::<syn::File>(code.clone()).expect("what is generated is Rust");
    Ok(code.to_string())
}

/// The message for a world that has a function, and these options.
fn option_error(options: TokenStream) -> String {
    let world = "interface api { f: async func(); } world w { import api; export api; }";
    bindings(world, options).unwrap_err()
}

#[track_caller]
fn assert_says(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "`{part}` is not in: {message}");
    }
}

#[test]
fn both_names_of_an_interface_are_known() {
    let world = "interface api { f: async func(); } world w { import api; export api; }";
    let code = bindings(world, quote!()).unwrap();
    assert_says(
        &code,
        &[
            "\"t:t/api@1.0.0\"",
            "\"t:t/api@1.0.0-isyswasfa\"",
            "async_func",
            "async_export",
        ],
    );
}

#[test]
fn an_interface_that_the_split_leaves_has_one_name() {
    let world = "interface api { f: func(); } world w { import api; }";
    let code = bindings(world, quote!()).unwrap();
    assert!(!code.contains("isyswasfa"), "{code}");
}

#[test]
fn the_code_as_a_string() {
    let wit = "package t:t@1.0.0; world w { import f: func(); }";
    let code = expand(quote!(polyfill_host { { inline: #wit, stringify: true } })).unwrap();
    let text = syn::parse2::<syn::LitStr>(code).unwrap().value();
    assert!(text.contains("WImports"), "{text}");
}

#[test]
fn wasis_own_interfaces_are_not_to_be_implemented() {
    let wit = "
        package t:t@1.0.0;
        package wasi:clocks@0.3.0 { interface time { now: func() -> u64; } }
        interface api { f: func(); }
        world w { import api; import wasi:clocks/time@0.3.0; }";
    let code = expand(quote!(polyfill_host { { inline: #wit } }))
        .unwrap()
        .to_string();
    assert!(
        code.contains("t:t/api") && !code.contains("wasi:clocks"),
        "{code}"
    );
}

#[test]
fn options_without_use_say_why() {
    assert_says(
        &option_error(quote!(wasmtime_crate: foo)),
        &["`wasmtime_crate` has no use here", "through polyfill-host"],
    );
    assert_says(
        &option_error(quote!(anyhow: true)),
        &["`anyhow` has no use here", "wasmtime::Result"],
    );
    assert_says(
        &option_error(quote!(debug: true)),
        &["`debug` has no use here", "stringify"],
    );
    assert_says(
        &option_error(quote!(named_imports: {})),
        &["`named_imports` has no use here"],
    );
    assert_says(
        &option_error(quote!(colour: 1)),
        &["no option `colour`", "wasmtime::component::bindgen!"],
    );
    let borrowing = quote!(ownership: Borrowing { duplicate_if_necessary: true });
    assert_says(
        &option_error(borrowing),
        &["can't be borrowed", "leave `ownership` out"],
    );
    assert_says(
        &option_error(quote!(require_store_data_send: false)),
        &["always `Send`"],
    );
    assert_says(
        &option_error(quote!(world: "w", world: "w")),
        &["`world` is given twice"],
    );
    assert_says(
        &option_error(quote!(interfaces: "import api;")),
        &["`inline` and `interfaces`"],
    );
}

#[test]
fn flags_without_use_say_why() {
    assert_says(
        &option_error(quote!(imports: { default: store })),
        &["`store` has no use in `imports`", "without the store"],
    );
    assert_says(
        &option_error(quote!(imports: { default: verbose_tracing })),
        &["`verbose_tracing`", "`tracing` has a span"],
    );
    assert_says(
        &option_error(quote!(exports: { default: trappable })),
        &["`trappable` has no use in `exports`"],
    );
    assert_says(
        &option_error(quote!(imports: { default: green })),
        &["expected one of async, tracing", "found `green`"],
    );
    assert_says(
        &option_error(quote!(imports: { "t:t/api.g": tracing })),
        &["`imports` has a rule for `t:t/api.g`"],
    );
    bindings(
        "interface api { f: async func(); } world w { import api; export api; }",
        quote!(imports: { "t:t/api.f": trappable | tracing }, exports: { "t:t": async | tracing }),
    )
    .unwrap();
}

#[test]
fn what_options_name_must_be_there() {
    assert_says(
        &option_error(quote!(with: { "t:t/other": foo })),
        &["`with` has `t:t/other`"],
    );
    let error = quote!(trappable_error_type: { "t:t/api.e" => Foo });
    assert_says(
        &option_error(error),
        &["`trappable_error_type` has `t:t/api.e`"],
    );
}

#[test]
fn a_resource_needs_a_type() {
    let world = "interface api { resource thing; } world w { import api; }";
    let message = bindings(world, quote!()).unwrap_err();
    assert_says(
        &message,
        &[
            "implements the resource `thing`",
            "with: { \"t:t/api@1.0.0.thing\": Thing }",
        ],
    );
    let code = bindings(world, quote!(with: { "t:t/api.thing": my::Thing })).unwrap();
    assert_says(&code, &["imports . resource :: < Thing > (\"thing\")"]);
}

#[test]
fn an_interface_may_be_there_already() {
    let world = "
        interface types { record r { x: u32 } }
        interface api { use types.{r}; f: func() -> r; }
        world w { import api; }";
    let code = bindings(world, quote!(with: { "t:t/types": my::types })).unwrap();
    assert_says(&code, &["use my :: types as __with_0 ;", "__with_0 :: R"]);
    let code = bindings(world, quote!(with: { "t:t/types.r": my::R })).unwrap();
    assert_says(&code, &["type __with_0 = my :: R ;"]);
}

#[test]
fn what_cant_be_bound_is_named() {
    let refused = |items: &str| bindings(items, quote!()).unwrap_err();
    let stream =
        "interface api { resource thing; f: func(s: stream<thing>); } world w { export api; }";
    assert_says(
        &refused(stream),
        &["a stream or future of `thing`", "list<thing>"],
    );
    let borrow = "interface api { resource thing; f: func(t: list<borrow<thing>>); } world w { export api; }";
    assert_says(
        &refused(borrow),
        &["`f` borrows what it can't", "inside another type"],
    );
    let map = "interface api { f: func(m: map<string, u32>); } world w { import api; }";
    assert_says(&refused(map), &["`map` can't be bound"]);
    let world = "world w { resource thing; }";
    assert_says(
        &refused(world),
        &["`thing` belongs to the world itself", "in an interface"],
    );
}

#[test]
fn errors_in_the_wit_have_a_place() {
    let message = bindings("world w { import f: func(a: nothing); }", quote!()).unwrap_err();
    assert_says(&message, &["nothing", "macro-input:1"]);
}
