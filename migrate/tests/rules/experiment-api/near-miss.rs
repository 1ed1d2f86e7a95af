use polyfill_guest::spawn_local;

mod pipe {
    pub fn open() {}
}

fn isyswasfa() {
    pipe::open();
    spawn_local(async {});
}
