//! The text of identifiers without a string of its own each: `Ident` only tells it by being written somewhere.

use std::cell::RefCell;
use std::fmt::Write;
use syn::Ident;

thread_local! {
    static BUFFER: RefCell<String> = const { RefCell::new(String::new()) };
}

/// What `read` makes of the identifier's text.
pub fn with_text<R>(ident: &Ident, read: impl FnOnce(&str) -> R) -> R {
    joined([ident], read)
}

/// What `read` makes of the identifiers with `::` between them.
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
