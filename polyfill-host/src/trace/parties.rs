//! The parties of a trace, which have rows: an instance's components, under the names of their code, and the host.

use std::collections::{HashMap, HashSet};

use super::lanes::Lanes;

/// A component, or the host, in the order of their appearance.
pub type Party = usize;

/// The host, which calls and is called.
pub const HOST: Party = 0;

/// All of one instance.
pub struct Parties {
    list: Vec<One>,
    /// The parties by the numbers that the core gives to components.
    numbers: HashMap<u32, Party>,
    /// Pairs of importer and provider.
    links: HashSet<(Party, Party)>,
}

struct One {
    module: Box<str>,
    name: String,
    number: Option<u32>,
    lanes: Lanes,
}

impl Parties {
    /// Only the host.
    pub fn new() -> Self {
        let mut parties = Parties {
            list: Vec::new(),
            numbers: HashMap::new(),
            links: HashSet::new(),
        };
        parties.add("host");
        parties
    }

    pub fn name(&self, party: Party) -> &str {
        &self.list[party].name
    }

    pub fn lanes(&mut self, party: Party) -> &mut Lanes {
        &mut self.list[party].lanes
    }

    /// The component with this number, and whether it is new to the trace.
    pub fn numbered(&mut self, number: u32) -> (Party, bool) {
        match self.numbers.get(&number) {
            Some(&party) => (party, false),
            None => (self.register(number, None), true),
        }
    }

    /// The component on the stack whose code is `module`, and whether it is new. `below`: those that have entered it, the last
    /// of them directly.
    ///
    /// If such a component is on the stack already, this is another one with the same code.
    pub fn on_stack(&mut self, module: &str, below: &[Party]) -> (Party, bool) {
        let fits = |&party: &Party| *self.list[party].module == *module && !below.contains(&party);
        let candidates = || (HOST + 1..self.list.len()).filter(fits);
        let linked = |party: &Party| {
            let importer = below.last();
            importer.is_some_and(|importer| self.links.contains(&(*importer, *party)))
        };
        let found = candidates().find(linked).or_else(|| candidates().next());
        match found {
            Some(party) => (party, false),
            None => (self.add(module), true),
        }
    }

    /// Notes the number of a component: of `caller`, unless that has one already.
    pub fn register(&mut self, number: u32, caller: Option<Party>) -> Party {
        let party = match caller {
            Some(party) if self.list[party].number.is_none() => party,
            Some(party) => self.add(&self.list[party].module.clone()),
            None => self.add(&format!("component {number}")),
        };
        self.list[party].number = Some(number);
        self.numbers.insert(number, party);
        party
    }

    /// Notes that a component imports from another one.
    pub fn link(&mut self, importer: u32, child: u32) {
        if let (Some(&importer), Some(&child)) =
            (self.numbers.get(&importer), self.numbers.get(&child))
        {
            self.links.insert((importer, child));
        }
    }

    /// Code has the name of its file. Crates have underscores there, instead of the hyphens that people write.
    fn add(&mut self, module: &str) -> Party {
        let same = self.list.iter().filter(|one| *one.module == *module);
        let copy = same.count() + 1;
        let mut name = module.trim_end_matches(".wasm").replace('_', "-");
        if copy > 1 {
            name.push_str(&format!(" {copy}"));
        }
        // The first lane is for its runs.
        let mut lanes = Lanes::default();
        lanes.take();
        self.list.push(One {
            module: module.into(),
            name,
            number: None,
            lanes,
        });
        self.list.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_code_twice_is_two_components() {
        let mut parties = Parties::new();
        let (outer, new) = parties.on_stack("hash_all.wasm", &[]);
        assert!(new);
        let (inner, _) = parties.on_stack("hash_all.wasm", &[outer]);
        assert_eq!(parties.name(outer), "hash-all");
        assert_eq!(parties.name(inner), "hash-all 2");
        assert_eq!(parties.on_stack("hash_all.wasm", &[outer]), (inner, false));

        assert_eq!(parties.register(1, Some(inner)), inner);
        assert_eq!(parties.register(2, Some(outer)), outer);
        assert_eq!(parties.numbered(1), (inner, false));
        let third = parties.register(3, Some(outer));
        assert_eq!(parties.name(third), "hash-all 3");
        let (unknown, _) = parties.numbered(4);
        assert_eq!(parties.name(unknown), "component 4");
    }

    #[test]
    fn who_is_imported_is_preferred() {
        let mut parties = Parties::new();
        let [main, one, two] = ["main", "part", "part"].map(|module| parties.add(module));
        for (number, party) in [(1, main), (2, one), (3, two)] {
            parties.register(number, Some(party));
        }
        assert_eq!(parties.on_stack("part", &[main]), (one, false));
        parties.link(1, 3);
        assert_eq!(parties.on_stack("part", &[main]), (two, false));
    }
}
