//! Loads a component anew when its file changes.

use crate::BadInput;
use crate::serve::{App, Loader};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// How long to wait after the last write before the file is read: a build writes it in several steps.
const DEBOUNCE: Duration = Duration::from_millis(200);

/// Watches `path` and gives `current` each new component that can be served. A component that cannot be served is reported, and
/// the one before it goes on.
///
/// Ends when `current` has no listeners any more.
///
/// # Errors
/// If the system cannot watch the file.
pub(super) fn watch(
    path: &Path,
    loader: Arc<Loader>,
    current: watch::Sender<Arc<App>>,
) -> Result<impl Future<Output = ()> + Send + use<>, BadInput> {
    let path = path.to_owned();
    let (changed, changes) = mpsc::channel(1);
    let watcher = watcher(&path, changed).map_err(|error| {
        BadInput::new(format!("failed to watch `{}`: {error}", path.display()))
            .help("serve without `--watch`, or raise the system's limit on watches")
    })?;
    Ok(async move {
        // Dropping it would end the watch.
        let _watcher = watcher;
        reload(path, loader, current, changes).await;
    })
}

/// Watches the folder, since many programs put a new file in the place of the old one.
fn watcher(path: &Path, changed: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
    let path = std::path::absolute(path).map_err(notify::Error::io)?;
    let folder = path.parent().unwrap_or(&path).to_owned();
    let name = path.file_name().map(|name| name.to_owned());
    let mut watcher =
        notify::recommended_watcher(move |event: notify::Result<notify::Event>| match event {
            Ok(event) => {
                let ours = event
                    .paths
                    .iter()
                    .any(|path| path.file_name() == name.as_deref());
                if ours && !matches!(event.kind, EventKind::Access(_)) {
                    // Full: a change is waiting already.
                    let _ = changed.try_send(());
                }
            }
            Err(error) => tracing::warn!("the watch on the component's file: {error}"),
        })?;
    watcher.watch(&folder, RecursiveMode::NonRecursive)?;
    Ok(watcher)
}

async fn reload(
    path: PathBuf,
    loader: Arc<Loader>,
    current: watch::Sender<Arc<App>>,
    mut changes: mpsc::Receiver<()>,
) {
    loop {
        tokio::select! {
            change = changes.recv() => if change.is_none() { return },
            () = current.closed() => return,
        }
        // Until the file has been left alone for a while.
        while let Ok(Some(())) = tokio::time::timeout(DEBOUNCE, changes.recv()).await {}
        if !path.exists() {
            tracing::warn!(
                "`{}` is gone; the component that was loaded from it goes on",
                path.display()
            );
            continue;
        }
        let loading = tokio::task::spawn_blocking({
            let (loader, path) = (loader.clone(), path.clone());
            move || loader.load(&path)
        });
        match loading.await {
            Ok(Ok(app)) => {
                tracing::info!("loaded `{}` anew ({})", path.display(), app.abi());
                current.send_replace(Arc::new(app));
            }
            Ok(Err(error)) => {
                let error = super::bad_input(&error, error.help().map(str::to_owned));
                tracing::error!("{error}\nthe component that was loaded before goes on");
            }
            Err(error) => tracing::error!("loading `{}` failed: {error}", path.display()),
        }
    }
}
