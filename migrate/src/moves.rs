//! The table of moves, from `data/moves.toml`: for every item of WASI 0.2, what it is in 0.3.

use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The version that the table leads to.
pub const TO: &str = "0.3.2";

/// The table as it is kept: one section an interface (or world), one line an item.
pub const TEXT: &str = include_str!("../data/moves.toml");

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It has the same name and meaning.
    Kept,
    /// It has another name or place, and the same meaning.
    Renamed,
    /// Something with that name or role exists, but looks or works differently. `note` says how.
    Reshaped,
    /// It is gone. `note` says what to use instead.
    Gone,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    pub change: Change,
    /// The item of 0.3.2, if it has another name.
    pub to: Option<String>,
    #[serde(default)]
    pub note: String,
}

pub struct Moves {
    /// By full name: `wasi:clocks/wall-clock.datetime.seconds`; a world has ` (world)` behind its name.
    entries: BTreeMap<String, Move>,
    /// The same by interface (or world), to look them up: every path of every file is.
    interfaces: FxHashMap<String, Interface>,
}

#[derive(Default)]
struct Interface {
    /// What the interface (or world) itself becomes.
    own: Option<Move>,
    items: FxHashMap<String, Move>,
    /// Whether there is an interface or a world of this name, without ` (world)`.
    is_known: bool,
}

static MOVES: LazyLock<Moves> =
    LazyLock::new(|| Moves::parse(TEXT).expect("`data/moves.toml` is checked by the tests"));

pub fn moves() -> &'static Moves {
    &MOVES
}

impl Moves {
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let sections: BTreeMap<String, BTreeMap<String, Move>> = toml::from_str(text)?;
        let mut entries = BTreeMap::new();
        for (section, items) in sections {
            for (item, entry) in items {
                let name = if item == "*" {
                    section.clone()
                } else {
                    format!("{section}.{item}")
                };
                entries.insert(name, entry);
            }
        }
        let mut interfaces: FxHashMap<String, Interface> = FxHashMap::default();
        for (name, entry) in &entries {
            match name.split_once('.') {
                Some((interface, item)) => {
                    let items = &mut interfaces.entry(interface.to_owned()).or_default().items;
                    items.insert(item.to_owned(), entry.clone());
                }
                None => {
                    interfaces.entry(name.clone()).or_default().own = Some(entry.clone());
                    let base = name.trim_end_matches(" (world)").to_owned();
                    interfaces.entry(base).or_default().is_known = true;
                }
            }
        }
        Ok(Self {
            entries,
            interfaces,
        })
    }

    pub fn get(&self, name: &str) -> Option<&Move> {
        match name.split_once('.') {
            Some((interface, item)) => self.item(interface, item),
            None => self.interfaces.get(name)?.own.as_ref(),
        }
    }

    /// What becomes of an item of an interface.
    pub fn item(&self, interface: &str, item: &str) -> Option<&Move> {
        self.interfaces.get(interface)?.items.get(item)
    }

    /// The interface and the name in 0.3.2 of an item of an interface.
    pub fn item_target<'a>(
        &'a self,
        interface: &'a str,
        item: &'a str,
    ) -> Option<(&'a str, &'a str)> {
        let entry = self.item(interface, item)?;
        match &entry.to {
            _ if entry.change == Change::Gone => None,
            Some(to) => to.split_once('.'),
            None => Some((interface, item)),
        }
    }

    /// Whether this is an interface or a world of 0.2.
    pub fn knows(&self, interface: &str) -> bool {
        let found = self.interfaces.get(interface);
        found.is_some_and(|found| found.is_known)
    }

    pub fn entries(&self) -> impl Iterator<Item = (&str, &Move)> {
        self.entries
            .iter()
            .map(|(name, entry)| (name.as_str(), entry))
    }

    /// The full name in 0.3.2 of an item of 0.2 that has a counterpart.
    pub fn target<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let entry = self.get(name)?;
        (entry.change != Change::Gone).then(|| entry.to.as_deref().unwrap_or(name))
    }
}
