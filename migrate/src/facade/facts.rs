//! What is known of the program's functions: who calls whom, what blocks, and what cannot become async, and why.

use super::tree::{BodyId, FnId};
use super::types::Ty;
use rustc_hash::FxHashMap;
use std::ops::Range;

/// Something that may become async.
pub struct Body {
    pub kind: BodyKind,
    pub file: usize,
    /// What is around it: a closure's function.
    pub parent: Option<BodyId>,
    /// It was async before.
    pub is_async: bool,
    /// Why it must stay as it is.
    pub blocked: Option<String>,
    /// What a call of it returns.
    pub result: Ty,
    /// Those of which all are async or none, as a chain to the representative.
    joined: BodyId,
}

#[derive(Clone, Debug, PartialEq)]
pub enum BodyKind {
    Function(FnId),
    /// A closure; where its `|` or `move` is.
    Closure(usize),
    /// A parameter of a function that is called: `f: impl Fn()`.
    Parameter(FnId, usize),
    /// `async { … }`
    Block,
    /// The value of a constant, or the length of an array.
    Constant,
    /// A macro by example whose body blocks.
    Macro,
}

/// A call of something that blocks, or comes to.
pub struct Site {
    pub body: BodyId,
    pub file: usize,
    pub range: Range<usize>,
    /// What is called. `None` for WASI.
    pub callee: Option<BodyId>,
    pub what: String,
}

/// A function that is mentioned without being called.
pub struct Value {
    pub function: FnId,
    pub file: usize,
    pub range: Range<usize>,
}

/// A call of something that 0.2 has.
pub struct Use {
    pub file: usize,
    /// The call.
    pub range: Range<usize>,
    /// The function's path, or the method's name.
    pub name: Range<usize>,
    /// `wasi:io/streams.input-stream.read`
    pub item: String,
}

#[derive(Default)]
pub struct Facts {
    pub uses: Vec<Use>,
    pub bodies: Vec<Body>,
    pub sites: Vec<Site>,
    pub values: Vec<Value>,
    pub parameters: FxHashMap<(FnId, usize), BodyId>,
    /// Methods of traits that are used as `dyn`.
    pub dynamic: Vec<BodyId>,
    /// Macros by example whose bodies block, by name.
    pub macros: FxHashMap<String, BodyId>,
    /// Functions of WASI that block and are mentioned without being called.
    pub wasi_values: Vec<(usize, Range<usize>, usize)>,
    /// Loops without an end of their own.
    pub loops: Vec<(usize, Range<usize>)>,
    /// Calls that ask what has happened, and don't wait.
    pub asked: Vec<(usize, Range<usize>)>,
    /// Calls of methods whose receiver is not known: the file, the place and the name.
    pub unknown: Vec<(usize, Range<usize>, String)>,
}

impl Facts {
    pub fn add(&mut self, kind: BodyKind, file: usize, parent: Option<BodyId>) -> BodyId {
        let id = self.bodies.len();
        let is_async = kind == BodyKind::Block;
        let blocked = (kind == BodyKind::Constant).then(|| "a constant".to_owned());
        self.bodies.push(Body {
            kind,
            file,
            parent,
            is_async,
            blocked,
            result: Ty::Unknown,
            joined: id,
        });
        id
    }

    pub fn root(&self, mut id: BodyId) -> BodyId {
        while self.bodies[id].joined != id {
            id = self.bodies[id].joined;
        }
        id
    }

    /// From now on both are async or none.
    pub fn join(&mut self, a: BodyId, b: BodyId) {
        let (a, b) = (self.root(a), self.root(b));
        self.bodies[b].joined = a;
    }

    pub fn block(&mut self, id: BodyId, why: impl Into<String>) {
        let body = &mut self.bodies[id];
        body.blocked.get_or_insert_with(|| why.into());
    }
}
