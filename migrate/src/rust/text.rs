//! The text of identifiers without an allocation for each. `Ident` gives its text only by being written somewhere.

use std::cell::RefCell;
use std::fmt::Write;
use syn::Ident;

thread_local! {
    static BUFFER: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Passes the identifier's text to `read`.
pub fn with_text<R>(ident: &Ident, read: impl FnOnce(&str) -> R) -> R {
    joined([ident], read)
}

/// Passes the identifiers, joined by `::`, to `read`.
pub fn joined<'a, R>(
    idents: impl IntoIterator<Item = &'a Ident>,
    read: impl FnOnce(&str) -> R,
) -> R {
    // Taken out, so that `read` may ask for another text.
    let mut text = BUFFER.take();
    text.clear();
    for ident in idents {
        if !text.is_empty() {
            text.push_str("::");
        }
        write!(text, "{ident}").expect("a String takes all");
    }
    let result = read(&text);
    BUFFER.replace(text);
    result
}
