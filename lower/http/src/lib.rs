//! `wasi:http/incoming-handler` of WASI 0.2 by a `wasi:http/handler` of 0.3: calls it, and lets all that it has begun go on until
//! it is done, since a host of 0.2 may drop the instance once the call has returned.

mod bindings {
    polyfill_guest::generate!({
        path: ["../../wit/wasi/0.3", "../../adapter/wit", "wit"],
        world: "isyswasfa:lower/http",
        generate_all,
        pub_export_macro: true,
    });
}

use bindings::exports::wasi::http0_2_0::incoming_handler::Guest;
use bindings::isyswasfa::adapter::incoming;
use bindings::isyswasfa::lower::idle::idle;
use bindings::wasi::http0_2_0::types::{IncomingRequest, ResponseOutparam};
use bindings::wasi::http0_3_2::handler;

struct Driver;

bindings::export!(Driver with_types_in bindings);

impl Guest for Driver {
    fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
        polyfill_guest::block_on(async {
            let answer = handler::handle(incoming::receive(request)).await;
            incoming::respond(response_out, answer);
            idle().await;
        });
    }
}
