//! The end of `cargo xtask picture`: follows one request through a composition, and puts it into the page about that.

use anyhow::Result;
use isyswasfa_tests::picture::{Page, Steps, trace};

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let steps = Steps::of_last(&trace(folder.path()).await?)?;
    Page::read()?.write(&steps)
}
