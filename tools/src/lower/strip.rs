//! Strips names from a component, and from everything in it.

use anyhow::Result;
use wasm_encoder::{ComponentSectionId, Encode, RawSection, Section};
use wasmparser::{Encoding, Parser, Payload};

/// The component without custom sections, but for those of producers.
pub fn strip(component: &[u8]) -> Result<Vec<u8>> {
    let mut output = Vec::new();
    // The components around the current one.
    let mut outer: Vec<Vec<u8>> = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        match &payload {
            Payload::Version { encoding, .. } => output.extend_from_slice(match encoding {
                Encoding::Component => &wasm_encoder::Component::HEADER,
                Encoding::Module => &wasm_encoder::Module::HEADER,
            }),
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => {
                outer.push(std::mem::take(&mut output));
                continue;
            }
            Payload::End(_) => {
                let Some(mut parent) = outer.pop() else { break };
                let is_component = Parser::is_component(&output);
                parent.push(if is_component {
                    ComponentSectionId::Component.into()
                } else {
                    ComponentSectionId::CoreModule.into()
                });
                output.encode(&mut parent);
                output = parent;
            }
            Payload::CustomSection(section) if section.name() != "producers" => continue,
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            let data = &component[range.start as usize..range.end as usize];
            let section = RawSection { id, data };
            output.push(section.id());
            section.encode(&mut output);
        }
    }
    Ok(output)
}
