//! The error of a split: the item that it cannot express, and the reason.

use thiserror::Error;

/// An item that has no split, and why.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("cannot split `{item}`: {reason}")]
#[non_exhaustive]
pub struct Refused {
    /// The item by its full WIT path: `wasi:http/types@0.3.2#request.new`.
    pub item: String,
    /// Why it is refused.
    pub reason: Reason,
}

/// Why an item is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reason {
    /// It mentions `error-context`, a type that no WASI 0.2 engine knows and WASI 0.3 itself does not use.
    #[error(
        "it mentions `error-context`, which WASI 0.2 engines do not know\n\
         help: use a `string`, a variant, or a resource of your own"
    )]
    ErrorContext,
    /// The payload of a stream or future mentions resources of several interfaces, none of which uses all the others:
    /// neither could define the pipe.
    #[error(
        "the payload of a stream or future mentions resources of {}, and none of these uses all the others\n\
         help: define these resources in one interface, or let one of the interfaces `use` the others",
        list(interfaces)
    )]
    PipeBetween {
        /// Those interfaces.
        interfaces: Vec<String>,
    },
    /// The payload of a stream or future has a `borrow` in it, which the component model rules out.
    #[error("the payload of a stream or future has a `borrow` in it")]
    BorrowInPipe,
    /// Two things would have the name `name`.
    #[error("the split would define `{name}`, which is there already\nhelp: rename one of them")]
    NameTaken {
        /// That name.
        name: String,
    },
    /// The package that the interfaces would move to is there already.
    #[error(
        "it would move to the package `{package}`, which is there already\n\
         help: leave out either that package or the one that it was made from"
    )]
    PackageTaken {
        /// That package.
        package: String,
    },
    /// The package of the split ABI itself is there already, with other contents.
    #[error(
        "the package `{package}` is there already, but is not the split ABI's: {detail}\n\
         help: leave out that package"
    )]
    ForeignCore {
        /// That package.
        package: String,
        /// What is wrong with it.
        detail: String,
    },
    /// Types are nested deeper than engines allow.
    #[error("types are nested more than {limit} levels deep")]
    TooDeep {
        /// How deep they may be.
        limit: u32,
    },
    /// A fixed-length list is too long to become a tuple.
    #[error(
        "a fixed-length list becomes a tuple, and this one would have more than {limit} elements\n\
         help: use a `list`"
    )]
    TooLong {
        /// How many elements it may have.
        limit: u64,
    },
    /// A value is made of more values than engines allow.
    #[error("it is made of more than {limit} values")]
    TooLarge {
        /// How many that may be.
        limit: u64,
    },
}

impl Reason {
    /// One word for the reason.
    pub fn word(&self) -> &'static str {
        match self {
            Reason::ErrorContext => "error-context",
            Reason::PipeBetween { .. } => "pipe-between",
            Reason::BorrowInPipe => "borrow-in-pipe",
            Reason::NameTaken { .. } => "name-taken",
            Reason::PackageTaken { .. } => "package-taken",
            Reason::ForeignCore { .. } => "foreign-core",
            Reason::TooDeep { .. } => "too-deep",
            Reason::TooLong { .. } => "too-long",
            Reason::TooLarge { .. } => "too-large",
        }
    }
}

/// "`a`, `b` and `c`"
fn list(names: &[String]) -> String {
    let mut text = String::new();
    for (i, name) in names.iter().enumerate() {
        text += match i {
            0 => "",
            _ if i + 1 == names.len() => " and ",
            _ => ", ",
        };
        text += &format!("`{name}`");
    }
    text
}
