//! Split components in a store: instantiating them, calling their async exports, implementing their async imports.

mod call;
mod ctx;
mod deadlock;
mod driver;
mod import;
mod inline;
mod instance;
mod run;
mod versions;

pub use call::{AsyncFunc, Results};
pub(crate) use ctx::set_origin;
pub use ctx::{SplitCtx, SplitView};
pub(crate) use deadlock::report as deadlock;
pub use import::{AsyncImports, async_import, async_imports};
pub use instance::SplitPre;
pub use instance::{Died, SplitInstance};
pub use versions::{is_version_of, versions};

pub(crate) use call::{split_name, wait};
pub(crate) use driver::{Alive, Finish};
pub(crate) use import::add_poll;
