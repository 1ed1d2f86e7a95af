//! What this module imports: `isyswasfa:core/tasks`, as far as it needs no memory, and the table of the glue.

/// `isyswasfa:core/tasks`.
pub mod core {
    #[link(wasm_import_module = "isyswasfa:core/tasks@0.1.0")]
    unsafe extern "C" {
        #[link_name = "register"]
        pub safe fn register() -> u64;
        #[link_name = "number"]
        pub safe fn number(component: u64) -> u32;
        #[link_name = "mailbox"]
        pub safe fn mailbox(component: u64) -> u64;
        #[link_name = "link"]
        pub safe fn link(component: u64, child: u32);
        #[link_name = "complete"]
        pub safe fn complete(component: u64, task: u32);
        #[link_name = "post"]
        pub safe fn post(mailbox: u64, token: u32);
        #[link_name = "finish"]
        pub safe fn finish(component: u64, function: u32, done: u32) -> u32;
        #[link_name = "subscribe"]
        pub safe fn subscribe(task: u32, component: u64, token: u32);
        #[link_name = "cancel"]
        pub safe fn cancel(task: u32) -> u32;
        #[link_name = "wake"]
        pub safe fn wake(component: u64);
        #[link_name = "next-event"]
        pub safe fn next_event(component: u64) -> u64;
        #[link_name = "origin"]
        pub safe fn origin() -> u64;
        #[link_name = "set-origin"]
        pub safe fn set_origin(origin: u64);
        #[link_name = "wait"]
        pub safe fn wait(component: u64);
    }
}

/// Functions of the glue and of the guest, by their place in the table. The first two places are always these.
pub mod late {
    /// `grow: func(size) -> address`: asks the guest's realloc for memory.
    pub const GROW: u32 = 0;
    /// `copy: func(to, from, size)`: copies in the guest's memory.
    pub const COPY: u32 = 1;

    #[link(wasm_import_module = "late")]
    unsafe extern "C" {
        /// `func() -> i32`
        #[link_name = "call-0"]
        pub safe fn call_0(place: u32) -> u32;
        /// `func(i32)`
        #[link_name = "call-1"]
        pub safe fn call_1(place: u32, a: u32);
        /// `func(i32, i32)`
        #[link_name = "call-2"]
        pub safe fn call_2(place: u32, a: u32, b: u32);
        /// `func(i32, i32, i32) -> i32`
        #[link_name = "call-3"]
        pub safe fn call_3(place: u32, a: u32, b: u32, c: u32) -> u32;
    }
}
