// use wasi::clocks::wall_clock;
use wasi::http::types::{
    // coming in
    IncomingRequest, // from the client
    /* going out */ OutgoingRequest,
    Fields, // both
};

/// An `IncomingRequest`.
fn f(/* in */ a: /* the */ IncomingRequest, b: OutgoingRequest /* out */) -> Fields {
    todo!("IncomingRequest")
}
