//! The functions that are imported, in the canonical ABI.

#[link(wasm_import_module = "isyswasfa:core/tasks@0.1.0")]
unsafe extern "C" {
    pub fn register() -> u64;
    pub fn link(component: u64, child: u32);
    pub fn subscribe(task: u32, component: u64, token: u32);
    #[link_name = "next-event"]
    pub fn next_event(component: u64) -> u64;
    pub fn wait(component: u64);
}

#[link(wasm_import_module = "isyswasfa:lower/idle@0.1.0")]
unsafe extern "C" {
    #[link_name = "wait-unless-idle"]
    pub fn wait_unless_idle(component: u64) -> u32;
}

#[link(wasm_import_module = "isyswasfa:adapter/incoming@0.1.0-isyswasfa")]
unsafe extern "C" {
    pub fn receive(request: u32) -> u32;
    pub fn respond(response_out: u32, answer: *const u8, one: usize);
    #[link_name = "isyswasfa-poll"]
    pub fn poll_adapter() -> u32;
}

#[link(wasm_import_module = "wasi:http/handler@0.3.2-isyswasfa")]
unsafe extern "C" {
    #[link_name = "handle-isyswasfa-start"]
    pub fn start(request: u32, answer: *mut u8);
    #[link_name = "handle-isyswasfa-result"]
    pub fn result(ready: u32, answer: *mut u8);
    #[link_name = "isyswasfa-poll"]
    pub fn poll_guests() -> u32;
}
