//! The last step of `cargo xtask picture`: traces one request through a composition, and writes it into `docs/one-request.md`.

use anyhow::Result;
use isyswasfa_tests::picture::{Page, Steps, trace};

#[tokio::main]
async fn main() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let steps = Steps::of_last(&trace(folder.path()).await?)?;
    Page::read()?.write(&steps)
}
