wit_bindgen::generate!({
    path: "wit",
    world: "my:http/proxy@0.2.0",
    with: { "wasi:keyvalue/store@0.2.0-draft": generate },
});

const NAME: &str = "wasi:http/proxy@0.2.0";
