//! The names of functions that the split has made.

use super::{GET, POLL, POLL_SUFFIX, RESULT, SET, START};
use wit_parser::{Function, FunctionKind, Resolve};

/// What a function is that the split has made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// The first half of an async function: `foo-isyswasfa-start`.
    Start,
    /// The second half of an async function: `foo-isyswasfa-result`.
    Result,
    /// What runs the component behind an interface, a resource or a function: `isyswasfa-poll`, `foo-isyswasfa-poll`.
    Poll,
    /// A getter: `foo-isyswasfa-get`.
    Get,
    /// A setter: `foo-isyswasfa-set`.
    Set,
}

impl Role {
    /// What the function `name` is, as in [`Function::name`], and the name of the function that it was made of, with the same
    /// prefix. `None`: the split has not made it.
    ///
    /// The second half of a method `[method]r.foo` is static: the original is then said to be `[static]r.foo`. The poll of an
    /// interface was made of no function: its original is empty, and `[static]r` for that of a resource `r`.
    ///
    /// ```
    /// use isyswasfa_wit::names::Role;
    ///
    /// assert_eq!(Role::of("foo-isyswasfa-start"), Some((Role::Start, "foo")));
    /// assert_eq!(Role::of("[method]r.foo-isyswasfa-get"), Some((Role::Get, "[method]r.foo")));
    /// assert_eq!(Role::of("isyswasfa-poll"), Some((Role::Poll, "")));
    /// assert_eq!(Role::of("foo"), None);
    /// ```
    pub fn of(name: &str) -> Option<(Role, &str)> {
        let suffixes = [
            (Role::Start, START),
            (Role::Result, RESULT),
            (Role::Poll, POLL_SUFFIX),
            (Role::Get, GET),
            (Role::Set, SET),
        ];
        let with_suffix = suffixes.into_iter().find_map(|(role, suffix)| {
            let original = name.strip_suffix(suffix)?;
            (!original.is_empty()).then_some((role, original))
        });
        with_suffix.or_else(|| {
            let around = name.strip_suffix(POLL)?;
            let around = match around.strip_suffix('.') {
                Some(resource) => resource,
                None if around.is_empty() => around,
                None => return None,
            };
            Some((Role::Poll, around))
        })
    }
}

/// The names that the halves of the async function `name` have: `(start, result)`. `name` is as in
/// [`Function::name`]: `foo`, `[method]r.foo` or `[static]r.foo`. The second half of a method is static.
pub fn split_name(name: &str) -> (String, String) {
    let result = match name.strip_prefix("[method]") {
        Some(rest) => format!("[static]{rest}{RESULT}"),
        None => format!("{name}{RESULT}"),
    };
    (format!("{name}{START}"), result)
}

/// The name that the poll of the function `name` of the world itself has.
pub fn poll_name(name: &str) -> String {
    format!("{name}{POLL_SUFFIX}")
}

/// The name that a function of the world itself had before the split; that of a function which the split has not made is its own.
/// Inverts [`split_name`] and [`poll_name`].
pub fn original_function(name: &str) -> &str {
    match Role::of(name) {
        Some((Role::Start | Role::Result | Role::Poll, original)) if !original.is_empty() => {
            original
        }
        _ => name,
    }
}

/// The name of a function as in [`Function::name`], from its parts.
pub(crate) fn function_name(kind: &FunctionKind, resource: Option<&str>, item: &str) -> String {
    match (kind, resource) {
        (FunctionKind::Constructor(_), Some(resource)) => format!("[constructor]{resource}"),
        (FunctionKind::Method(_) | FunctionKind::AsyncMethod(_), Some(resource)) => {
            format!("[method]{resource}.{item}")
        }
        (_, Some(resource)) => format!("[static]{resource}.{item}"),
        (_, None) => item.to_owned(),
    }
}

/// The name that an item has in messages: `request.new`, `handle`.
pub(crate) fn spoken(resolve: &Resolve, function: &Function) -> String {
    match function
        .kind
        .resource()
        .and_then(|id| resolve.types[id].name.as_deref())
    {
        Some(resource) => format!("{resource}.{}", function.item_name()),
        None => function.item_name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_keep_their_resource() {
        for (name, start, result) in [
            ("foo", "foo-isyswasfa-start", "foo-isyswasfa-result"),
            (
                "[method]r.foo",
                "[method]r.foo-isyswasfa-start",
                "[static]r.foo-isyswasfa-result",
            ),
            (
                "[static]r.foo",
                "[static]r.foo-isyswasfa-start",
                "[static]r.foo-isyswasfa-result",
            ),
        ] {
            assert_eq!(split_name(name), (start.to_owned(), result.to_owned()));
            assert_eq!(Role::of(start), Some((Role::Start, name)));
            let of_result = name.replace("[method]", "[static]");
            assert_eq!(Role::of(result), Some((Role::Result, &*of_result)));
        }
    }

    #[test]
    fn functions_of_the_world_have_an_original() {
        let (start, result) = split_name("foo");
        for made in [start, result, poll_name("foo")] {
            assert_eq!(original_function(&made), "foo");
        }
        for other in [
            "foo",
            "isyswasfa-poll",
            "foo-isyswasfa-get",
            "-isyswasfa-start",
        ] {
            assert_eq!(original_function(other), other);
        }
    }

    #[test]
    fn a_poll_is_of_an_interface_a_resource_or_a_function() {
        assert_eq!(Role::of("isyswasfa-poll"), Some((Role::Poll, "")));
        assert_eq!(
            Role::of("[static]r.isyswasfa-poll"),
            Some((Role::Poll, "[static]r"))
        );
        assert_eq!(Role::of("foo-isyswasfa-poll"), Some((Role::Poll, "foo")));
        assert_eq!(Role::of("fooisyswasfa-poll"), None);
    }
}
