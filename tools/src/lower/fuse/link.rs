//! Assigns the indices of functions in the fused module, and makes those that are missing.

use super::crossing::{Called, crossing};
use super::merge::{Always, Parts, Synthesized};
use super::survey::Signature;
use super::{Fused, GUEST, REALLOC, Target};
use anyhow::{Context, Result};
use wasm_encoder::ValType::I32;
use wasm_encoder::{BlockType, Function};
use wit_parser::SizeAlign;

const NO_HOST: &str = "an import of the host has no index";

/// The parts, whose functions are not linked yet.
pub struct Linker<'f, 'a> {
    pub fused: &'f Fused<'f>,
    /// The sizes of each member's types.
    pub sizes: Vec<SizeAlign>,
    pub parts: Parts<'a>,
    /// The targets of each member's imports.
    pub targets: Vec<Vec<Target>>,
}

impl<'a> Linker<'_, 'a> {
    /// Links the parts. `exports` are functions, by the indices in members.
    ///
    /// # Errors
    /// If somebody has to allocate who does not know how.
    pub fn link(mut self, exports: &[(String, usize, u32)]) -> Result<Parts<'a>> {
        // Imports of the host that several members have are imported once.
        for (member, targets) in self.targets.iter().enumerate() {
            for (at, target) in targets.iter().enumerate() {
                let is_host = matches!(target, Target::Host { .. });
                if is_host && self.host(member, at).is_none() {
                    self.parts.hosts.push((member, at));
                }
            }
        }
        // After those that are always made.
        let mut next = self.parts.first_made() + Always::COUNT;
        for (member, targets) in self.targets.iter().enumerate() {
            let mut indices = Vec::new();
            for (at, target) in targets.iter().enumerate() {
                indices.push(match target {
                    Target::Host { has_lists: false } => self.host(member, at).context(NO_HOST)?,
                    Target::Same => self.parts.always(Always::Same),
                    Target::Nothing => self.parts.always(Always::Nothing),
                    Target::Function(to, function) => self.defined(*to, *function)?,
                    Target::Host { has_lists: true } | Target::Crossing { .. } => {
                        next += 1;
                        next - 1
                    }
                });
            }
            self.parts.imports.push(indices);
        }
        let mut made = vec![
            Synthesized {
                name: "grow".to_owned(),
                signature: (vec![I32], vec![I32]),
                body: self.parts.handed().grow(),
            },
            Synthesized {
                name: "guest-grow".to_owned(),
                signature: (vec![I32], vec![I32]),
                body: self
                    .parts
                    .handed()
                    .guest_grow(self.parts.always(Always::Grow)),
            },
            Synthesized {
                name: "guest-shrink".to_owned(),
                signature: (vec![I32], vec![I32]),
                body: self.parts.handed().guest_shrink(),
            },
            Synthesized {
                name: "same".to_owned(),
                signature: (vec![I32], vec![I32]),
                body: function(|body| {
                    body.local_get(0);
                }),
            },
            Synthesized {
                name: "nothing".to_owned(),
                signature: (vec![I32], vec![]),
                body: function(|_| {}),
            },
            Synthesized {
                name: REALLOC.to_owned(),
                signature: (vec![I32; 4], vec![I32]),
                body: self.realloc()?,
            },
        ];
        for (member, targets) in self.targets.iter().enumerate() {
            for (at, target) in targets.iter().enumerate() {
                made.extend(self.make(member, at, target)?);
            }
        }
        self.parts.made = made;
        let guest = &self.parts.members[GUEST].survey;
        let initialize = guest.exports.get("_initialize").copied();
        for start in guest.start.into_iter().chain(initialize) {
            self.parts.start.push(self.defined(GUEST, start)?);
        }
        let realloc = self.parts.always(Always::Realloc);
        self.parts.exports.push((REALLOC.to_owned(), realloc));
        for (name, member, function) in exports {
            let function = self.defined(*member, *function)?;
            self.parts.exports.push((name.clone(), function));
        }
        Ok(self.parts)
    }

    /// The final index of a function of the host, if a member imports it already.
    fn host(&self, member: usize, at: usize) -> Option<u32> {
        let import = &self.parts.members[member].survey.imports[at];
        let mut imports = self.parts.imports();
        let host = imports.position(|host| host == (import.module, import.name));
        host.map(|host| host as u32)
    }

    /// The final index of a function that a member defines.
    fn defined(&self, member: usize, function: u32) -> Result<u32> {
        let imports = self.parts.members[member].survey.imports.len() as u32;
        let defined = function
            .checked_sub(imports)
            .context("a module exports what it imports")?;
        Ok(self.parts.first(member) + defined)
    }

    /// The allocating function of a member, if it has one.
    fn realloc_of(&self, member: usize) -> Result<Option<u32>> {
        let function = self.parts.members[member].survey.exports.get(REALLOC);
        function
            .map(|function| self.defined(member, *function))
            .transpose()
    }

    /// The function that allocates for the host, with the allocating function of the member that calls the host or is called.
    fn realloc(&self) -> Result<Function> {
        let mut reallocs = Vec::new();
        for member in 0..self.parts.members.len() {
            if let Some(realloc) = self.realloc_of(member)? {
                reallocs.push((member as i32, realloc));
            }
        }
        let who = self.parts.who();
        Ok(function(|body| {
            for (member, realloc) in reallocs {
                body.global_get(who).i32_const(member).i32_eq();
                body.if_(BlockType::Empty);
                for param in 0..4 {
                    body.local_get(param);
                }
                body.call(realloc).return_().end();
            }
            body.unreachable();
        }))
    }

    /// Makes the function that replaces an import, if there has to be one.
    fn make(&self, member: usize, at: usize, target: &Target) -> Result<Option<Synthesized>> {
        let survey = &self.parts.members[member].survey;
        let import = &survey.imports[at];
        let signature: &Signature = survey.signature(import)?;
        let (body, what) = match target {
            Target::Host { has_lists: true } => {
                let host = self.host(member, at).context(NO_HOST)?;
                let (who, called) = (self.parts.who(), self.parts.called as i32);
                let body = function(|body| {
                    body.i32_const(member as i32).global_set(who);
                    for param in 0..signature.0.len() as u32 {
                        body.local_get(param);
                    }
                    body.call(host).i32_const(called).global_set(who);
                });
                (body, "host")
            }
            Target::Crossing { to, function, post } => {
                let post = post.map(|post| self.defined(*to, post)).transpose()?;
                let called = Called {
                    function: self.defined(*to, *function)?,
                    post,
                    caller: self.realloc_of(member)?,
                    callee: self.realloc_of(*to)?,
                };
                let part = &self.fused.parts[member].1;
                let function = part.import(import.module, import.name);
                let function = function.context("a function has no WIT")?;
                (
                    crossing(&part.resolve, &self.sizes[member], function, &called)?,
                    "to",
                )
            }
            _ => return Ok(None),
        };
        Ok(Some(Synthesized {
            name: format!("{what} {}#{}", import.module, import.name),
            signature: signature.clone(),
            body,
        }))
    }
}

/// A function without locals.
fn function(body: impl FnOnce(&mut wasm_encoder::InstructionSink<'_>)) -> Function {
    let mut function = Function::new([]);
    body(&mut function.instructions());
    function.instructions().end();
    function
}
