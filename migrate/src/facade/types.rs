//! The types of the program as far as they matter: those of WASI, the program's own, and what holds them.

use super::tree::{AdtId, BodyId, FnId, TraitId};
use std::sync::Arc;

/// A type, without references.
#[derive(Clone, Debug, PartialEq)]
pub enum Ty {
    Unknown,
    /// `wasi:io/poll.pollable`
    Wasi(Arc<str>),
    Adt(AdtId, Vec<Ty>),
    /// A type of the standard library or of another crate, by its last name.
    Std(Arc<str>, Vec<Ty>),
    Tuple(Vec<Ty>),
    /// A generic parameter, `impl Trait` or `dyn Trait`.
    Bounded(Arc<str>, Arc<[Bound]>),
    Closure(BodyId),
    Function(FnId),
}

#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    Trait(TraitId),
    /// `Fn(A) -> R`
    Call(Vec<Ty>, Ty),
    /// `Iterator<Item = T>`
    Items(Ty),
}

impl Ty {
    pub fn std(name: &str, arguments: Vec<Ty>) -> Self {
        Self::Std(name.into(), arguments)
    }

    pub fn unit() -> Self {
        Self::Tuple(Vec::new())
    }

    /// The argument of a type of the standard library.
    pub fn argument(&self, index: usize) -> Ty {
        match self {
            Self::Std(_, arguments) | Self::Adt(_, arguments) => {
                arguments.get(index).cloned().unwrap_or(Self::Unknown)
            }
            _ => Self::Unknown,
        }
    }

    /// The type with other types in the place of parameters.
    pub fn with(&self, bound: &[(Arc<str>, Ty)]) -> Self {
        let all = |types: &[Ty]| types.iter().map(|ty| ty.with(bound)).collect();
        match self {
            Self::Bounded(name, _) => {
                let found = bound
                    .iter()
                    .find(|(other, ty)| other == name && *ty != Self::Unknown);
                found.map_or_else(|| self.clone(), |(_, ty)| ty.clone())
            }
            Self::Adt(id, types) => Self::Adt(*id, all(types)),
            Self::Std(name, types) => Self::Std(name.clone(), all(types)),
            Self::Tuple(types) => Self::Tuple(all(types)),
            other => other.clone(),
        }
    }

    /// Finds what the parameters in `self` are, if `actual` is of that type.
    pub fn unify(&self, actual: &Ty, bound: &mut Vec<(Arc<str>, Ty)>) {
        match (self, actual) {
            (Self::Bounded(name, _), actual) if bound.iter().all(|(other, _)| other != name) => {
                bound.push((name.clone(), actual.clone()));
            }
            (Self::Std(a, first), Self::Std(b, second)) if a == b => {
                first
                    .iter()
                    .zip(second)
                    .for_each(|(a, b)| a.unify(b, bound));
            }
            (Self::Adt(a, first), Self::Adt(b, second)) if a == b => {
                first
                    .iter()
                    .zip(second)
                    .for_each(|(a, b)| a.unify(b, bound));
            }
            (Self::Tuple(first), Self::Tuple(second)) => {
                first
                    .iter()
                    .zip(second)
                    .for_each(|(a, b)| a.unify(b, bound));
            }
            _ => {}
        }
    }
}
