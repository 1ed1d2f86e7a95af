//! The custom sections of a component, which the translated one keeps; but for names of its items, whose indices are others now.

use crate::component::Component;
use std::borrow::Cow;
use std::collections::BTreeMap;
use wasm_encoder::{ComponentSection, CustomSection, ProducersField, ProducersSection};
use wasmparser::{BinaryReader, ProducersSectionReader};

const PRODUCERS: &str = "producers";
const NAMES: &str = "component-name";

/// Whether a section is not kept as it is.
pub fn is_remade(name: &str) -> bool {
    [PRODUCERS, NAMES].contains(&name)
}

/// The sections of `component`, and this program among the producers.
pub fn append(component: &Component<'_>, out: &mut Vec<u8>) {
    for (name, data) in &component.customs {
        if !is_remade(name) {
            let section = CustomSection {
                name: Cow::Borrowed(name),
                data: Cow::Borrowed(data),
            };
            section.append_to_component(out);
        }
    }
    producers(component).append_to_component(out);
}

fn producers(component: &Component<'_>) -> ProducersSection {
    let mut all: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    for (name, data) in &component.customs {
        if *name == PRODUCERS {
            // What cannot be read says nothing.
            let _ = read(data, &mut all);
        }
    }
    let processed = all.entry("processed-by").or_default();
    processed.insert(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
    let mut section = ProducersSection::new();
    for (name, values) in all {
        let mut field = ProducersField::new();
        for (program, version) in values {
            field.value(program, version);
        }
        section.field(name, &field);
    }
    section
}

fn read<'a>(
    data: &'a [u8],
    all: &mut BTreeMap<&'a str, BTreeMap<&'a str, &'a str>>,
) -> wasmparser::Result<()> {
    for field in ProducersSectionReader::new(BinaryReader::new(data, 0))? {
        let field = field?;
        for value in field.values {
            let value = value?;
            let known = all.entry(field.name).or_default();
            known.insert(value.name, value.version);
        }
    }
    Ok(())
}
