//! Random numbers.

use super::report::Report;
use crate::p2::random::{insecure, insecure_seed, random};

pub fn check(report: &mut Report) {
    for length in [0, 1, 100, 200_000] {
        let (secure, insecure) = (
            random::get_random_bytes(length),
            insecure::get_insecure_random_bytes(length),
        );
        report.line("lengths", (secure.len(), insecure.len()));
        let zeroes = secure.iter().filter(|byte| **byte == 0).count();
        report.line("as random as they look", zeroes < 2 + secure.len() / 100);
    }
    report.line(
        "numbers differ",
        random::get_random_u64() != random::get_random_u64(),
    );
    report.line(
        "also these",
        insecure::get_insecure_random_u64() != insecure::get_insecure_random_u64(),
    );
    report.line("a seed", insecure_seed::insecure_seed() != (0, 0));
}
