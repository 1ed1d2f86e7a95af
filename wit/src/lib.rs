//! Splits WASI 0.3 WIT: turns async functions, streams and futures into what any WASI 0.2 engine accepts.
