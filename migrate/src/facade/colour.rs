//! The colours: which functions become async, because they call what is async.

use super::facts::{BodyKind, Facts};
use super::methods::{Methods, Of};
use super::tree::{BodyId, Program};
use rustc_hash::{FxHashMap, FxHashSet};

pub struct Colours {
    /// By body: whether it is async in the end.
    is_async: Vec<bool>,
    /// Bodies that call themselves, by way of others: those of one number do.
    cycle: Vec<Option<usize>>,
}

impl Colours {
    pub fn of(program: &Program, methods: &Methods, facts: &Facts) -> Self {
        let roots: Vec<BodyId> = (0..facts.bodies.len()).map(|id| facts.root(id)).collect();
        let mut is_async = vec![false; roots.len()];
        let mut blocked = vec![false; roots.len()];
        for (id, body) in facts.bodies.iter().enumerate() {
            blocked[roots[id]] |= body.blocked.is_some();
            // What was async before does not turn those beside it: they have compiled together.
            is_async[id] |= body.is_async;
        }
        for id in 0..program.functions.len() {
            if matches!(methods.of[id], Some(Of::Wasi(_))) && facts.bodies[id].blocked.is_none() {
                is_async[roots[id]] = true;
            }
        }
        let mut turned = true;
        while turned {
            turned = false;
            for site in &facts.sites {
                let calls_async = site
                    .callee
                    .is_none_or(|callee| is_async[roots[callee]] || is_async[callee]);
                let root = roots[site.body];
                if calls_async && !is_async[root] && !is_async[site.body] && !blocked[root] {
                    is_async[root] = true;
                    turned = true;
                }
            }
        }
        for id in 0..roots.len() {
            is_async[id] = is_async[id] || is_async[roots[id]];
        }
        let cycle = cycles(facts, &roots, &is_async);
        Self { is_async, cycle }
    }

    pub fn is_async(&self, body: BodyId) -> bool {
        self.is_async[body]
    }

    /// Whether a call from one to the other leads back, so that its future would contain itself.
    pub fn is_recursive(&self, from: BodyId, to: BodyId) -> bool {
        self.cycle[from].is_some() && self.cycle[from] == self.cycle[to]
    }
}

/// The strongly connected parts of the call graph, with more than one member or a call of itself.
fn cycles(facts: &Facts, roots: &[BodyId], is_async: &[bool]) -> Vec<Option<usize>> {
    let mut edges: FxHashMap<BodyId, FxHashSet<BodyId>> = FxHashMap::default();
    for site in &facts.sites {
        if let Some(callee) = site.callee
            && is_async[callee]
            && is_async[site.body]
        {
            // An async block is part of the future of what is around it.
            let mut from = site.body;
            while facts.bodies[from].kind == BodyKind::Block {
                from = facts.bodies[from].parent.unwrap_or(site.body);
            }
            edges.entry(roots[from]).or_default().insert(roots[callee]);
        }
    }
    let reach = |from: BodyId| {
        let mut seen = FxHashSet::default();
        let mut open: Vec<BodyId> = edges.get(&from).into_iter().flatten().copied().collect();
        while let Some(next) = open.pop() {
            if seen.insert(next) {
                open.extend(edges.get(&next).into_iter().flatten());
            }
        }
        seen
    };
    let reached: FxHashMap<BodyId, FxHashSet<BodyId>> =
        edges.keys().map(|from| (*from, reach(*from))).collect();
    let cycle_of = |id: BodyId| {
        let own = reached.get(&id)?;
        let members = own
            .iter()
            .filter(|other| reached.get(other).is_some_and(|back| back.contains(&id)));
        own.contains(&id)
            .then(|| members.min().copied().unwrap_or(id))
    };
    (0..roots.len())
        .map(|id| {
            let mut at = id;
            while facts.bodies[at].kind == BodyKind::Block {
                let Some(parent) = facts.bodies[at].parent else {
                    break;
                };
                at = parent;
            }
            cycle_of(roots[at])
        })
        .collect()
}
