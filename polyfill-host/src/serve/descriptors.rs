//! Computes how many connections fit into the process's limit of open files.

/// Files that belong to no client: listeners, the log, directories of guests, the runtime's own.
const RESERVED: usize = 64;

/// The default if files are not limited: memory is a limit, too.
const MOST: usize = 16 * 1024;

/// How many connections to serve at once, if the user has set `asked`.
///
/// By default half of what the limit of open files leaves, since guests need sockets of their own to answer.
pub(super) fn connections(asked: Option<usize>) -> usize {
    let chosen = choose(asked, open_files());
    if let Some(asked) = asked.filter(|asked| *asked > chosen) {
        tracing::warn!(
            "serving {chosen} connections at once instead of {asked}: the limit of open files (`ulimit -n`) allows no more"
        );
    }
    chosen
}

fn choose(asked: Option<usize>, files: Option<usize>) -> usize {
    let free = files.map(|files| files - RESERVED.min(files / 2));
    let chosen = match asked {
        Some(asked) => asked.min(free.unwrap_or(asked)),
        None => MOST.min(free.map_or(MOST, |free| free / 2)),
    };
    chosen.max(1)
}

/// Raises this process's limit of open files as far as the system allows, as servers do: the lower limit is for programs that
/// cannot handle many.
pub fn raise_file_limit() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        let raised = Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        };
        if limit.current != limit.maximum
            && let Err(error) = setrlimit(Resource::Nofile, raised)
        {
            tracing::debug!("the limit of open files stays: {error}");
        }
    }
}

/// How many files this process may have open. `None`: unlimited, or unknown.
fn open_files() -> Option<usize> {
    #[cfg(unix)]
    {
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
        limit.current.and_then(|files| usize::try_from(files).ok())
    }
    #[cfg(not(unix))]
    None
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn connections_leave_room_for_other_files() {
        assert_eq!(choose(None, Some(256)), 96);
        assert_eq!(choose(None, Some(1024)), 480);
        assert_eq!(choose(None, Some(1 << 20)), 16 * 1024);
        assert_eq!(choose(None, None), 16 * 1024);
        assert_eq!(choose(Some(100), Some(256)), 100);
        assert_eq!(choose(Some(1000), Some(256)), 192);
        assert_eq!(choose(Some(1000), None), 1000);
        assert_eq!(choose(None, Some(1)), 1);
    }
}
