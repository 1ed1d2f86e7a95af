wit_bindgen::generate!({
    // world: "wasi:http/proxy@0.2.0"
    world: /* the */ "wasi:cli/command@0.2.0" /* one */, // "wasi:cli/command@0.2.0"
});
