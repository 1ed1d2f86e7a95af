//! The destination of a guest's output stream.

/// The destination of a guest's output stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Into this process's stream of the same name, in whole lines.
    Lines {
        /// Whether each line begins with `stdout [N] :: `, N being the request's number.
        prefix: bool,
    },
    /// Into this process's stream of the same name, byte by byte as it comes.
    Inherit,
    /// Nowhere.
    Discard,
}
