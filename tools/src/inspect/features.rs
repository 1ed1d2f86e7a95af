//! The WebAssembly proposals that a component needs.

use wasmparser::{BinaryReaderError, Validator, WasmFeatures};

/// Features that every engine for components has, which are not reported.
const EVERYWHERE: WasmFeatures = WasmFeatures::WASM2.union(WasmFeatures::COMPONENT_MODEL);

/// The features without which the component is invalid: each is left out in turn.
///
/// # Errors
/// If the component is invalid with all features.
pub(super) fn needed(wasm: &[u8]) -> Result<Vec<&'static str>, BinaryReaderError> {
    // Further features are found one by one, which takes one validation each.
    let all = WasmFeatures::all();
    Validator::new_with_features(all).validate_all(wasm)?;
    if is_valid(wasm, EVERYWHERE) {
        return Ok(vec![]);
    }
    let others = all.difference(EVERYWHERE);
    let needed = others
        .iter_names()
        .filter(|(_, feature)| !is_valid(wasm, all.difference(*feature)));
    let mut names: Vec<_> = needed.map(|(name, _)| name).collect();
    names.sort_unstable();
    Ok(names)
}

fn is_valid(wasm: &[u8], features: WasmFeatures) -> bool {
    let mut validator = Validator::new_with_features(features);
    validator.validate_all(wasm).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_needed_features_are_reported() {
        let needed = |source: &str| needed(&wat::parse_str(source).unwrap()).unwrap();
        assert!(needed("(component (core module (func (result i32) i32.const 1)))").is_empty());
        assert_eq!(
            needed("(component (core module (func (return_call 0))) (import \"f\" (func async)))"),
            ["CM_ASYNC", "TAIL_CALL"]
        );
    }
}
