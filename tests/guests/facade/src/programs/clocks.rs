//! Clocks.

use super::report::Report;
use crate::p2::clocks::{monotonic_clock, wall_clock};

const MILLISECOND: u64 = 1_000_000;

waiting! {
    pub fn check(report: &mut Report) {
        let start = monotonic_clock::now();
        report.line("it goes on", monotonic_clock::now() >= start);
        report.line("in ticks", monotonic_clock::resolution() > 0);
        let now = wall_clock::now();
        report.line("after 2023", now.seconds > 1_700_000_000);
        report.line("less than a second", now.nanoseconds < 1_000_000_000);
        let resolution = wall_clock::resolution();
        report.line("in ticks too", resolution.seconds > 0 || resolution.nanoseconds > 0);

        for timer in [monotonic_clock::subscribe_instant(start), monotonic_clock::subscribe_duration(0)] {
            wait!(timer.block());
            report.line("no time", timer.ready());
        }
        report.line("an hour", monotonic_clock::subscribe_duration(3_600_000 * MILLISECOND).ready());
        report.line("for ever", monotonic_clock::subscribe_duration(u64::MAX).ready());
        let timer = monotonic_clock::subscribe_duration(200 * MILLISECOND);
        report.line("not yet", timer.ready());
        wait!(timer.block());
        report.line("waited", monotonic_clock::now() - start >= 200 * MILLISECOND);
        report.line("and is ready", timer.ready());
        wait!(timer.block());
        let when = monotonic_clock::now() + 10 * MILLISECOND;
        wait!(monotonic_clock::subscribe_instant(when).block());
        report.line("until then", monotonic_clock::now() >= when);
        // It becomes ready while nobody waits for it.
        let timer = monotonic_clock::subscribe_duration(5 * MILLISECOND);
        let mut asked = 0_u64;
        while !timer.ready() {
            asked += 1;
        }
        report.line("asked for", asked > 0);
    }
}
