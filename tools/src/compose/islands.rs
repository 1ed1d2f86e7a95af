//! Divides a composition into islands: directly connected parts become one component, and bridges connect those.

use super::fit::Join;
use super::wiring::Wire;

/// The parts of each island, by their numbers. The first island has part 0. Each other island comes after those that have a
/// bridge to it.
///
/// # Errors
/// The wire that would be a bridge from an island to itself, or part of a circle of bridges.
pub(super) fn divide(parts: usize, wires: &[Wire]) -> Result<Vec<Vec<usize>>, &Wire> {
    // The number of an island is the lowest number of its parts.
    let mut island: Vec<usize> = (0..parts).collect();
    for wire in wires.iter().filter(|wire| wire.join == Join::Direct) {
        let (one, other) = (island[wire.importer], island[wire.plug]);
        let (kept, gone) = (one.min(other), one.max(other));
        for name in &mut island {
            if *name == gone {
                *name = kept;
            }
        }
    }
    let bridges = wires.iter().filter(|wire| wire.join == Join::Bridged);
    let bridges: Vec<_> = bridges.collect();
    let ends = |wire: &Wire| (island[wire.importer], island[wire.plug]);
    if let Some(wire) = bridges.iter().find(|wire| ends(wire).0 == ends(wire).1) {
        return Err(wire);
    }

    let mut left: Vec<usize> = island.clone();
    left.sort_unstable();
    left.dedup();
    let mut order = Vec::new();
    while !left.is_empty() {
        let is_free = |name: usize| {
            let mut into = bridges.iter().filter(|wire| ends(wire).1 == name);
            into.all(|wire| !left.contains(&ends(wire).0))
        };
        let Some(at) = left.iter().position(|name| is_free(*name)) else {
            let stuck = |wire: &&&Wire| left.contains(&ends(wire).1);
            let wire = bridges
                .iter()
                .find(stuck)
                .expect("what is not free has a bridge to it");
            return Err(wire);
        };
        let name = left.remove(at);
        order.push((0..parts).filter(|part| island[*part] == name).collect());
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wire(importer: usize, plug: usize, join: Join) -> Wire {
        Wire {
            importer,
            import: format!("{importer}-{plug}"),
            plug,
            export: String::new(),
            join,
        }
    }

    #[test]
    fn directly_connected_parts_are_one_island() {
        use Join::{Bridged, Direct};
        let wires = [
            wire(0, 1, Direct),
            wire(1, 2, Bridged),
            wire(2, 3, Direct),
            wire(0, 4, Direct),
        ];
        assert_eq!(divide(5, &wires).unwrap(), [vec![0, 1, 4], vec![2, 3]]);
    }

    #[test]
    fn an_island_comes_after_those_with_a_bridge_to_it() {
        use Join::Bridged;
        let wires = [wire(0, 2, Bridged), wire(2, 1, Bridged)];
        assert_eq!(divide(3, &wires).unwrap(), [vec![0], vec![2], vec![1]]);
    }

    #[test]
    fn no_part_is_on_both_sides_of_a_bridge() {
        use Join::{Bridged, Direct};
        let own = [wire(0, 1, Direct), wire(1, 2, Direct), wire(0, 2, Bridged)];
        assert_eq!(divide(3, &own).unwrap_err().import, "0-2");
        let around = [wire(0, 1, Bridged), wire(0, 2, Direct), wire(1, 2, Bridged)];
        assert!(divide(3, &around).is_err());
    }
}
