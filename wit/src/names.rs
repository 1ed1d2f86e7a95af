//! Every name of the split ABI, in one place: what it is, how it is recognised, and what it was made from.

mod function;
mod interface;
mod version;

pub use function::{Role, original_function, poll_name, split_name};
pub(crate) use function::{function_name, spoken};
pub use interface::{InterfaceName, is_split, original_name, pipe_interface};
pub use version::{is_moved, moved_package, moved_version, original_package, original_version};

use semver::Version;

/// What the name of an async function's first half ends with: `foo-isyswasfa-start`.
pub const START: &str = "-isyswasfa-start";
/// What the name of an async function's second half ends with: `foo-isyswasfa-result`.
pub const RESULT: &str = "-isyswasfa-result";
/// The function of a moved interface (and of a resource outside an interface) that runs the component behind it.
pub const POLL: &str = "isyswasfa-poll";
/// What the name of a world-level function's poll ends with: `foo-isyswasfa-poll`.
pub const POLL_SUFFIX: &str = "-isyswasfa-poll";
/// What a getter's name ends with: `foo: get() -> T` becomes `foo-isyswasfa-get: func() -> T`.
pub const GET: &str = "-isyswasfa-get";
/// What a setter's name ends with: `foo: set(v: T)` becomes `foo-isyswasfa-set: func(v: T)`.
pub const SET: &str = "-isyswasfa-set";
/// The pre-release that marks the version of a moved package: `wasi:http@0.3.2-isyswasfa`.
pub const MOVED: &str = "isyswasfa";

/// The parameter of an async function's second half.
pub const READY: &str = "ready";
/// What the names start with of types that an interface uses from [`TASKS`] and [`BYTES`].
pub const ALIAS: &str = "isyswasfa-";
/// What an interface calls the `pending` of [`TASKS`].
pub const PENDING_ALIAS: &str = "isyswasfa-pending";
/// What an interface calls the `ready` of [`TASKS`].
pub const READY_ALIAS: &str = "isyswasfa-ready";
/// What an interface calls the `status` of [`BYTES`].
pub const STATUS_ALIAS: &str = "isyswasfa-status";

/// What the names of the packages start with that belong to the split ABI.
pub const NAMESPACE: &str = "isyswasfa:";
/// The package of the split ABI's own interfaces, without its version.
pub const CORE: &str = "isyswasfa:core";
/// The package of the split ABI's own interfaces.
pub const CORE_PACKAGE: &str = "isyswasfa:core@0.1.0";
/// The interface of tasks.
pub const TASKS: &str = "isyswasfa:core/tasks@0.1.0";
/// The interface of `stream<u8>`.
pub const BYTES: &str = "isyswasfa:core/bytes@0.1.0";
/// The interface that awaits WASI 0.2 pollables.
pub const POLLABLES: &str = "isyswasfa:core/pollables@0.1.0";
/// What the names of pipe interfaces start with: `isyswasfa:pipes/stream-u32@0.1.0`.
pub const PIPES: &str = "isyswasfa:pipes/";
/// The package of pipe interfaces, without its version.
pub const PIPES_PACKAGE: &str = "isyswasfa:pipes";
/// The version of the pipe interfaces' package.
pub const PIPES_VERSION: Version = Version::new(0, 1, 0);
/// What [`Pipe::interface`](crate::Pipe::interface) says of a pipe that belongs to the world itself.
pub const ROOT: &str = "$root";

/// The resource of a pipe's reading end, in an interface that is nothing but the pipe.
pub const READER: &str = "reader";
/// The resource of a pipe's writing end, in an interface that is nothing but the pipe.
pub const WRITER: &str = "writer";
/// The function that makes a pipe, in an interface that is nothing but the pipe.
pub const NEW: &str = "new";

/// The interface of an HTTP handler in WASI 0.3, without its version.
pub const HTTP_HANDLER: &str = "wasi:http/handler";
/// The interface of an HTTP handler in WASI 0.2, without its version.
pub const HTTP_INCOMING_HANDLER: &str = "wasi:http/incoming-handler";
/// The function of [`HTTP_HANDLER`].
pub const HANDLE: &str = "handle";
/// The interface of a command, without its version.
pub const CLI_RUN: &str = "wasi:cli/run";
