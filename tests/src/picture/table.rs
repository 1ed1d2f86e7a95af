//! Steps as a table of a page.

use super::{HOST, Item, Steps};
use std::fmt::Write;

/// One row for each step.
pub fn table(steps: &Steps) -> String {
    let mut table =
        String::from("| | who runs | entered by | what it tells the core, and hears from it |\n");
    table.push_str("| --: | --- | --- | --- |\n");
    let places = steps.items.iter().enumerate();
    let all = places.filter_map(|(place, item)| match item {
        Item::Step(step) => Some((place, step)),
        Item::Act(_) => None,
    });
    for (number, (place, step)) in (1..).zip(all) {
        let who = match &step.by {
            Some(_) => format!("{} `{}`: {}", "· ".repeat(step.depth), step.who, step.what),
            None => format!("{HOST}: {}", step.what),
        };
        let by = step.by.as_deref().unwrap_or_default();
        let acts = steps.items.iter().filter_map(|item| match item {
            Item::Act(act) if act.step == place => Some(act.what.as_str()),
            _ => None,
        });
        let acts = acts.collect::<Vec<_>>().join("; ");
        let _ = writeln!(table, "| {number} | {} | {by} | {acts} |", who.trim_start());
    }
    table
}
