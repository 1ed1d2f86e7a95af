//! Lowered components on hosts that nobody here wrote, beside the same guests on `polyfill-host`; and what those hosts say to
//! guests that are not lowered.
//!
//! `cargo xtask test --hosts` installs the hosts, says where they are, and runs these tests. What each has shown becomes the
//! tables of `HOSTS.md`. Any other run ignores them.

mod ends;
mod host;
mod process;
mod record;
mod refuse;
mod run;
mod serve;

use host::{JCO, LIBRARY, PYTHON, WASH, WASMTIME};

#[tokio::test(flavor = "multi_thread")]
async fn a_library_of_wasi_0_2_refuses_what_is_not_lowered() {
    refuse::by_the_library(&LIBRARY).await;
}

/// One test for each function of a host.
macro_rules! on {
    ($name:ident, $host:expr, $($module:ident::$test:ident)*) => {
        mod $name {
            use super::*;

            $(
                #[tokio::test(flavor = "multi_thread")]
                #[ignore = "`cargo xtask test --hosts` installs the host and runs this"]
                async fn $test() {
                    $module::$test(&$host).await;
                }
            )*
        }
    };
}

on!(wasmtime, WASMTIME,
    serve::echo serve::hash_all serve::router serve::streams
    serve::python serve::javascript
    run::command run::walk ends::two_at_once
    refuse::served refuse::ran);
on!(wash, WASH,
    serve::echo serve::hash_all serve::router serve::answers_when_all_is_done
    refuse::served);
on!(python, PYTHON,
    run::command run::walk run::python run::javascript ends::two_at_once
    refuse::ran);
on!(jco, JCO,
    serve::echo serve::hash_all serve::router serve::streams
    serve::python serve::javascript
    run::command ends::two_at_once
    refuse::served refuse::ran);
