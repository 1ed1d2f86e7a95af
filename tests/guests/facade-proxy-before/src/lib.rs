//! A service of WASI 0.2, as it was.

use wasip2 as p2;

macro_rules! wait {
    ($call:expr) => {
        $call
    };
}

macro_rules! waiting {
    ($($item:item)+) => {
        $($item)+
    };
}

#[path = "../../facade-proxy/src/service.rs"]
mod service;
