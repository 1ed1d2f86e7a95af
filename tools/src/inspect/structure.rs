//! The contents of a component: sections, nested modules and components, and the programs that made them.

use serde::Serialize;
use std::collections::BTreeSet;
use std::ops::Range;
use wasmparser::{
    BinaryReaderError, ComponentName, ComponentNameSectionReader, Encoding, KnownCustom, Parser,
    Payload,
};

/// All sections of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Section {
    /// `type`, `alias`, `custom: name`
    pub kind: String,
    /// Bytes of their contents.
    pub size: usize,
}

/// A module or a component inside of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Nested {
    /// `component` or `module`.
    pub kind: &'static str,
    /// Its name in the outer component, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its size in bytes.
    pub size: usize,
    /// The modules and components inside of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nested: Vec<Nested>,
}

/// The whole contents.
#[derive(Debug, Default)]
pub(super) struct Structure {
    pub sections: Vec<Section>,
    pub nested: Vec<Nested>,
    pub producers: Vec<(String, String)>,
}

/// A component or module that is being read.
struct Level {
    kind: &'static str,
    size: usize,
    nested: Vec<Nested>,
    names: Vec<(u32, String)>,
}

impl Structure {
    pub(super) fn read(wasm: &[u8]) -> Result<Self, BinaryReaderError> {
        let mut structure = Structure::default();
        let mut producers = BTreeSet::new();
        let mut levels: Vec<Level> = Vec::new();
        // The range of the nested component or module whose `Version` comes next.
        let mut next = 0..wasm.len() as u64;
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload?;
            if levels.len() == 1 {
                structure.count(&payload);
            }
            match payload {
                Payload::Version { encoding, .. } => levels.push(Level::new(encoding, &next)),
                Payload::ModuleSection {
                    unchecked_range, ..
                }
                | Payload::ComponentSection {
                    unchecked_range, ..
                } => next = unchecked_range,
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Producers(fields) => {
                        for field in fields {
                            let field = field?;
                            for value in field.values {
                                let value = value?;
                                let program = format!("{} {}", value.name, value.version);
                                let program = program.trim_end().to_owned();
                                producers.insert((field.name.to_owned(), program));
                            }
                        }
                    }
                    KnownCustom::ComponentName(names) => {
                        if let Some(level) = levels.last_mut() {
                            level.read_names(names)?;
                        }
                    }
                    _ => {}
                },
                Payload::End(_) => {
                    let Some(level) = levels.pop() else { continue };
                    let level = level.named();
                    match levels.last_mut() {
                        Some(around) => around.nested.push(level),
                        None => structure.nested = level.nested,
                    }
                }
                _ => {}
            }
        }
        structure
            .sections
            .sort_by(|one, other| (other.size, &one.kind).cmp(&(one.size, &other.kind)));
        structure.producers = producers.into_iter().collect();
        Ok(structure)
    }

    fn count(&mut self, payload: &Payload<'_>) {
        let Some((id, range)) = payload.as_section() else {
            return;
        };
        let kind = match payload {
            Payload::CustomSection(section) => format!("custom: {}", section.name()),
            _ => section_kind(id).to_owned(),
        };
        let size = (range.end - range.start) as usize;
        match self.sections.iter_mut().find(|it| it.kind == kind) {
            Some(section) => section.size += size,
            None => self.sections.push(Section { kind, size }),
        }
    }
}

impl Level {
    fn new(encoding: Encoding, range: &Range<u64>) -> Self {
        Self {
            kind: match encoding {
                Encoding::Component => "component",
                Encoding::Module => "module",
            },
            size: (range.end - range.start) as usize,
            nested: Vec::new(),
            names: Vec::new(),
        }
    }

    /// Reads the names of components and modules directly inside of it, which are counted separately.
    fn read_names(
        &mut self,
        names: ComponentNameSectionReader<'_>,
    ) -> Result<(), BinaryReaderError> {
        for name in names {
            if let ComponentName::Components(names) = name? {
                for naming in names {
                    let naming = naming?;
                    self.names.push((naming.index, naming.name.to_owned()));
                }
            }
        }
        Ok(())
    }

    fn named(mut self) -> Nested {
        let components = self.nested.iter_mut().filter(|it| it.kind == "component");
        for (index, component) in components.enumerate() {
            let name = self.names.iter().find(|(at, _)| *at as usize == index);
            component.name = name.map(|(_, name)| name.clone());
        }
        Nested {
            kind: self.kind,
            name: None,
            size: self.size,
            nested: self.nested,
        }
    }
}

/// The sections of a component, by number, as the component model's binary format has them.
fn section_kind(id: u8) -> &'static str {
    match id {
        1 => "core module",
        2 => "core instance",
        3 => "core type",
        4 => "component",
        5 => "instance",
        6 => "alias",
        7 => "type",
        8 => "canon",
        9 => "start",
        10 => "import",
        11 => "export",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_components_and_modules_are_found() {
        let wasm = wat::parse_str(
            r#"(component
                (component $inner (core module (func)))
                (core module)
                (component (component)))"#,
        )
        .unwrap();
        let structure = Structure::read(&wasm).unwrap();
        let kinds = |nested: &[Nested]| {
            let all = nested.iter().map(|it| (it.kind, it.nested.len()));
            all.collect::<Vec<_>>()
        };
        assert_eq!(
            kinds(&structure.nested),
            [("component", 1), ("module", 0), ("component", 1)]
        );
        assert_eq!(structure.nested[0].name.as_deref(), Some("inner"));
        assert_eq!(structure.nested[2].name, None);
        assert!(structure.nested[0].size > structure.nested[0].nested[0].size);
        let kinds: Vec<_> = structure
            .sections
            .iter()
            .map(|it| it.kind.as_str())
            .collect();
        assert!(
            kinds.contains(&"component") && kinds.contains(&"core module"),
            "{kinds:?}"
        );
    }
}
