//! The picture of one request through a composition, made from a trace of `polyfill-host serve`.

mod page;
mod run;
mod steps;
mod svg;
mod table;
mod trace;

pub use page::Page;
pub use run::{PARTS, trace};
pub use steps::{Act, HOST, Item, Link, Step, Steps, Task};
pub use svg::svg;
pub use table::table;
pub use trace::{Arrow, Instant, Row, Slice, Trace};
