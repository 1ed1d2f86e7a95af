//! Programs of WASI 0.2, as they were.

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

#[path = "../../facade/src/programs/mod.rs"]
mod programs;
