wit_bindgen::generate!({
    world: "proxy", // the old one
    isyswasfa: "-a", // must differ from any other's
});

fn start() {
    /* a task */ isyswasfa_guest::spawn /* of its own */ (async {}); // goes on
}
