//! Small components, written by hand from the Component Model's specification or made of random worlds: each does the same on wasmtime's own async
//! functions and translated, on an engine without them.

mod async_calls;
mod echo;
mod engines;
mod guest;
mod random;
mod rules;
mod streams;
mod values;
mod walk;
