//! A guest's text without what a terminal would obey.
//!
//! A control character that a guest writes can move the cursor, change the window's title, or make a line look as if it came from
//! somebody else. So log lines, reports of errors and a terminal get it as an escape: `\u{1b}`. Newlines and tabs stay.

use alloc::borrow::Cow;
use alloc::string::String;

/// The text with control characters escaped, but for newlines and tabs.
pub fn text(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    push(&mut escaped, text);
    Cow::Owned(escaped)
}

/// Appends the text as [`text`] escapes it.
pub fn push(escaped: &mut String, text: &str) {
    for c in text.chars() {
        if is_unsafe(c) {
            escaped.extend(c.escape_default());
        } else {
            escaped.push(c);
        }
    }
}

/// Whether a terminal would obey it rather than show it: a control character, or one that changes the direction of others.
fn is_unsafe(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        c => c.is_control(),
    }
}
