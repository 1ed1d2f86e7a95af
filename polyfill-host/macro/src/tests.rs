//! What `bindgen!` says of what it can't do.
