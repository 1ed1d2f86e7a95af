wit_bindgen::generate!({
    inline: "
        package a:b;
        world w { import wasi:random/random@0.2.0; }
    ",
    with: {
        "wasi:io/poll@0.2.0": generate,
        "wasi:http/types@0.2.0": generate,
    },
});
