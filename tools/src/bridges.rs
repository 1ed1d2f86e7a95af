//! The custom sections of a composition with the islands behind its bridges.
//!
//! `isyswasfa:bridges` is JSON, the list of islands and bridges; each `isyswasfa:island` behind it is a component. Island 0 is
//! the component that carries them. They are custom sections since no other tool knows them: to others, the component just has
//! open imports.

use crate::artifact::Error;
use crate::cause::Cause;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::path::Path;
use wasm_encoder::{ComponentSection, CustomSection, Encode};
use wasmparser::{Parser, Payload};

const BRIDGES: &str = "isyswasfa:bridges";
const ISLAND: &str = "isyswasfa:island";

/// The prefix of names of bridged imports.
const LABEL: &str = "isyswasfa-bridge-";

/// The name of the import at the bridge with this number.
pub fn label(bridge: usize) -> String {
    format!("{LABEL}{bridge}")
}

/// Whether an import is at a bridge.
pub fn is_label(import: &str) -> bool {
    import.starts_with(LABEL)
}

/// The islands and bridges of a composition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bridges {
    /// The islands from number 1 on.
    pub islands: Vec<Island>,
    /// Their connections.
    pub bridges: Vec<Bridge>,
}

/// Components that share a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Island {
    /// The names of its components, for messages.
    pub name: String,
    /// The component.
    pub wasm: Vec<u8>,
}

/// A connection of two islands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bridge {
    /// The island that imports.
    pub importer: usize,
    /// Its import: an interface or a function of the world itself. An async function of the split ABI is imported as halves of
    /// this name.
    pub import: String,
    /// The island that exports; it comes later in the list.
    pub provider: usize,
    /// Its export, likewise.
    pub export: String,
    /// The name of the import before it was bridged.
    pub original: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct List<'a> {
    islands: Vec<Cow<'a, str>>,
    bridges: Cow<'a, [Bridge]>,
}

impl Bridge {
    /// The distance between the two islands in the list, less one.
    pub fn ahead(&self) -> usize {
        self.provider - self.importer - 1
    }
}

impl Bridges {
    /// Appends the sections to the component `wasm`.
    pub fn append(&self, wasm: &mut Vec<u8>) {
        let list = List {
            islands: self.islands.iter().map(|it| (&*it.name).into()).collect(),
            bridges: (&self.bridges).into(),
        };
        let json = serde_json::to_vec(&list).expect("names and numbers can be written");
        let islands = self.islands.iter().map(|it| (ISLAND, &it.wasm[..]));
        for (name, data) in [(BRIDGES, &json[..])].into_iter().chain(islands) {
            let section = CustomSection {
                name: name.into(),
                data: data.into(),
            };
            wasm.push(section.id());
            section.encode(wasm);
        }
    }

    /// The bridges of the component `wasm`, if it has any. `path` is only for messages.
    ///
    /// # Errors
    /// If they are damaged.
    pub fn read(path: &Path, wasm: &[u8]) -> Result<Option<Self>, Error> {
        let mut list = None;
        let mut islands = Vec::new();
        let mut depth = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.map_err(|error| damaged(path, &error))? {
                Payload::Version { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                Payload::CustomSection(section) if depth == 1 => match section.name() {
                    BRIDGES => list = Some(section.data()),
                    ISLAND => islands.push(section.data()),
                    _ => {}
                },
                _ => {}
            }
        }
        let Some(list) = list else {
            return Ok(None);
        };
        let list: List<'_> = serde_json::from_slice(list).map_err(|error| damaged(path, &error))?;
        let bridges = Self::of(list, islands).map_err(|what| damaged(path, &what))?;
        Ok(Some(bridges))
    }

    fn of(list: List<'_>, islands: Vec<&[u8]>) -> Result<Self, &'static str> {
        if list.islands.len() != islands.len() {
            return Err("not as many islands as are named");
        }
        let leads_on = |it: &Bridge| it.importer < it.provider && it.provider <= islands.len();
        if !list.bridges.iter().all(leads_on) {
            return Err("a bridge that does not lead on to another island");
        }
        let islands = list.islands.into_iter().zip(islands);
        Ok(Self {
            islands: islands
                .map(|(name, wasm)| Island {
                    name: name.into_owned(),
                    wasm: wasm.to_vec(),
                })
                .collect(),
            bridges: list.bridges.into_owned(),
        })
    }

    /// The bridges that begin at an island.
    pub fn from(&self, importer: usize) -> impl Iterator<Item = &Bridge> {
        let bridges = self.bridges.iter();
        bridges.filter(move |bridge| bridge.importer == importer)
    }
}

fn damaged(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::Bridges {
        file: path.display().to_string(),
        reason: Cause::new(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bridges(provider: usize) -> Bridges {
        Bridges {
            islands: vec![Island {
                name: "slow.wasm".into(),
                wasm: b"island".to_vec(),
            }],
            bridges: vec![Bridge {
                importer: 0,
                import: label(0),
                provider,
                export: "a:b/c".into(),
                original: "a:b/c@0.0.0-isyswasfa".into(),
            }],
        }
    }

    fn carried(bridges: &Bridges) -> Vec<u8> {
        let mut wasm = wat::parse_str("(component (component))").unwrap();
        bridges.append(&mut wasm);
        wasmparser::Validator::new().validate_all(&wasm).unwrap();
        wasm
    }

    #[test]
    fn appended_bridges_are_read_again() {
        let path = Path::new("app.wasm");
        let wasm = carried(&bridges(1));
        assert_eq!(Bridges::read(path, &wasm).unwrap(), Some(bridges(1)));
        let plain = wat::parse_str("(component)").unwrap();
        assert_eq!(Bridges::read(path, &plain).unwrap(), None);
    }

    #[test]
    fn damaged_bridges_are_refused() {
        let path = Path::new("app.wasm");
        let none = Bridges {
            islands: vec![],
            ..bridges(1)
        };
        for bad in [bridges(0), bridges(2), none] {
            let error = Bridges::read(path, &carried(&bad)).unwrap_err();
            assert!(error.to_string().contains("`app.wasm`"), "{error}");
        }
    }
}
