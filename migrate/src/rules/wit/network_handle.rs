//! Finds `network` handles in the signatures of one's own WIT.
//!
//! ## Why
//! In 0.3 the network is part of the world a component runs in: there is no handle for it, and no `instance-network`.
//!
//! ## Before
//! ```wit
//! interface pool {
//!   use wasi:sockets/network@0.2.0.{network, ip-socket-address};
//!
//!   connect: func(network: borrow<network>, to: ip-socket-address) -> u32;
//! }
//! ```
//!
//! ## After
//! ```wit
//! interface pool {
//!   use wasi:sockets/types@0.3.2.{ip-socket-address};
//!
//!   connect: func(to: ip-socket-address) -> u32;
//! }
//! ```
//!
//! ## Fix
//! Unsafe, since the signature changes: the parameter is removed. A function that returns a network, or a type with one, is reported.

use super::WitContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::wit::moved::removals;
use crate::wit::{Place, Type, TypeKind};

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for scope in context.scopes {
        let is_network = |ty: &Type| context.is(scope, ty, "wasi:sockets/network", "network");
        let mut seen: Vec<Place> = Vec::new();
        for (_, func) in scope.all_funcs() {
            let dropped: Vec<_> = func
                .params
                .iter()
                .map(|param| is_network(&param.ty))
                .collect();
            let places: Vec<_> = func
                .params
                .iter()
                .map(|param| param.range.clone())
                .collect();
            for (place, _) in places.iter().zip(&dropped).filter(|(_, dropped)| **dropped) {
                let edits = removals(context.text, &places, &dropped)
                    .into_iter()
                    .map(Edit::delete)
                    .collect();
                seen.push(place.clone());
                let message = format!(
                    "`{}` takes a `network`, which is gone in 0.3",
                    func.name.text
                );
                found.push(
                    Finding::new(place.clone(), message)
                        .help("leave it out")
                        .fix(Fix::risky(edits)),
                );
            }
        }
        scope.each_type(&mut |ty, _| {
            let inside = seen
                .iter()
                .any(|range| range.start <= ty.range.start && ty.range.end <= range.end);
            if !inside
                && is_network(ty)
                && !matches!(ty.kind, TypeKind::Own(_) | TypeKind::Borrow(_))
            {
                let finding =
                    Finding::new(ty.range.clone(), "a `network` handle, which is gone in 0.3");
                found.push(finding.help("leave it out: the network is part of the world"));
            }
        });
    }
}
