//! Draws steps as a picture: a column for each component, with time downwards, not to scale.

use super::{HOST, Item, Steps};
use std::fmt::Write;

/// The widths of a column that is never entered, and of any other.
const IDLE: f64 = 84.0;
const LANE: f64 = 206.0;
/// From the left edge to the first column's line.
const MARGIN: f64 = 74.0;
const HEAD: f64 = 64.0;
/// The heights of an act's row, of a step's row, and of the gap before the host does something new.
const ACT: f64 = 17.0;
const STEP: f64 = 25.0;
const TURN: f64 = 15.0;
/// Half the width of a bar.
const BAR: f64 = 5.0;
const LEGEND: f64 = 92.0;

const STYLE: &str = "
  text { font: 12px ui-sans-serif, system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif }
  .act { font-size: 11px; paint-order: stroke; stroke-width: 3px; stroke-linejoin: round }
  .how { font-weight: 600; paint-order: stroke; stroke-width: 3px; stroke-linejoin: round }
  .name { font-size: 14px; font-weight: 600; text-anchor: middle }
  .number { font-size: 11px; font-weight: 600; text-anchor: middle }
  .small { font-size: 11px }
  .tag { font-size: 10px; font-weight: 600; text-anchor: middle }
  .never { stroke-dasharray: 2 5 }
  .task { opacity: .45 }
  .enter { stroke-width: 1.5; marker-end: url(#enter) }
  .wake { stroke-width: 1.2; stroke-dasharray: 4 3; fill: none; marker-end: url(#wake) }
  .dot { stroke-width: 1.5 }
";

/// Classes that are filled, classes that are drawn, and their colours on light and dark background. Not every viewer knows
/// variables.
const COLOURS: [(&str, &str, &str, &str); 11] = [
    ("fill", "text", "#1f2328", "#e6edf3"),
    ("stroke", ".act, .how", "#ffffff", "#0d1117"),
    ("fill", ".how, .run, #enter path", "#0969da", "#4493f8"),
    (
        "fill",
        ".number, .ground, .head, .dot",
        "#ffffff",
        "#0d1117",
    ),
    ("fill", ".small, .idle", "#8c959f", "#8b949e"),
    ("fill", ".tag, .task", "#bf8700", "#d29922"),
    ("fill", ".turn", "#f6f8fa", "#161b22"),
    ("stroke", ".head, .line, .never", "#d0d7de", "#30363d"),
    ("stroke", ".enter, .dot", "#0969da", "#4493f8"),
    ("stroke", ".wake", "#cf222e", "#ff7b72"),
    ("fill", ".moment, #wake path", "#cf222e", "#ff7b72"),
];

/// The style sheet.
fn style() -> String {
    let colours = |indent: &str, is_dark: bool| {
        let rules = COLOURS.iter().map(|(property, selectors, light, dark)| {
            let colour = if is_dark { dark } else { light };
            format!("{indent}{selectors} {{ {property}: {colour} }}\n")
        });
        rules.collect::<String>()
    };
    let (light, dark) = (colours("  ", false), colours("    ", true));
    format!("{STYLE}{light}  @media (prefers-color-scheme: dark) {{\n{dark}  }}\n")
}

/// The picture; `parts` are the columns besides the host's.
pub fn svg(steps: &Steps, parts: &[&str]) -> String {
    let lanes = Lanes::new(steps, parts);
    let rows = Rows::new(steps);
    let (width, height) = (lanes.width, rows.end + LEGEND);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n\
         <title>One request, step by step</title>\n<style>{}</style>\n<defs>{}{}</defs>\n\
         <rect class=\"ground\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>\n",
        style(),
        marker("enter"),
        marker("wake"),
    );
    turns(&mut svg, steps, &rows, width);
    heads(&mut svg, &lanes, &rows);
    tasks(&mut svg, steps, &lanes, &rows);
    bars(&mut svg, steps, &lanes, &rows);
    wakes(&mut svg, steps, &lanes, &rows);
    items(&mut svg, steps, &lanes, &rows);
    legend(&mut svg, rows.end);
    svg.push_str("</svg>\n");
    svg
}

/// Adds one line.
macro_rules! add {
    ($svg:expr, $($arg:tt)*) => {{
        // Writing to a string cannot fail.
        let _ = writeln!($svg, $($arg)*);
    }};
}

struct Lanes {
    /// Names, where they are, and whether they are ever entered.
    list: Vec<(String, f64, bool)>,
    width: f64,
}

impl Lanes {
    fn new(steps: &Steps, parts: &[&str]) -> Lanes {
        let mut list = vec![(HOST.to_owned(), MARGIN, true)];
        let mut at = MARGIN + LANE;
        for part in parts {
            let entered = (0..steps.items.len()).any(|item| steps.who(item) == *part);
            list.push(((*part).to_owned(), at, entered));
            at += if entered { LANE } else { IDLE };
        }
        Lanes {
            list,
            width: at - IDLE / 4.0,
        }
    }

    fn of(&self, who: &str) -> f64 {
        let found = self.list.iter().find(|(name, ..)| name == who);
        found.map_or(MARGIN, |(_, at, _)| *at)
    }
}

struct Rows {
    /// Where each item is.
    list: Vec<f64>,
    end: f64,
}

impl Rows {
    fn new(steps: &Steps) -> Rows {
        let mut at = HEAD;
        let mut list = Vec::new();
        for (place, item) in steps.items.iter().enumerate() {
            at += match item {
                Item::Step(_) if is_turn(steps, place) => STEP + TURN,
                Item::Step(_) => STEP,
                Item::Act(_) => ACT,
            };
            list.push(at);
        }
        Rows {
            list,
            end: at + STEP + TURN,
        }
    }
}

/// Whether the host does something new: it enters a component by itself, or an event has happened in it.
fn is_turn(steps: &Steps, place: usize) -> bool {
    let Item::Step(step) = &steps.items[place] else {
        return false;
    };
    // A step that follows from an event belongs to it.
    let woken =
        place > 0 && matches!(&steps.items[place - 1], Item::Step(step) if step.by.is_none());
    step.depth == 0 && !(woken && step.by.is_some())
}

fn turns(svg: &mut String, steps: &Steps, rows: &Rows, width: f64) {
    let mut tops: Vec<f64> = (0..rows.list.len())
        .filter(|place| is_turn(steps, *place))
        .map(|place| rows.list[place] - STEP / 2.0 - TURN / 2.0)
        .collect();
    tops.push(rows.end - STEP / 2.0);
    for pair in tops.windows(2).step_by(2) {
        let height = pair[1] - pair[0];
        add!(
            svg,
            "<rect class=\"turn\" y=\"{}\" width=\"{width}\" height=\"{height}\"/>",
            pair[0]
        );
    }
}

fn heads(svg: &mut String, lanes: &Lanes, rows: &Rows) {
    for (name, x, entered) in &lanes.list {
        let (line, idle) = if *entered {
            ("line", "")
        } else {
            ("never", " idle")
        };
        add!(
            svg,
            "<line class=\"{line}\" x1=\"{x}\" y1=\"40\" x2=\"{x}\" y2=\"{}\"/>",
            rows.end
        );
        let half = 8.0 + 4.4 * name.len() as f64;
        let (left, width) = (x - half, 2.0 * half);
        add!(
            svg,
            "<rect class=\"head\" x=\"{left}\" y=\"14\" width=\"{width}\" height=\"28\" rx=\"6\"/>"
        );
        add!(
            svg,
            "<text class=\"name{idle}\" x=\"{x}\" y=\"33\">{name}</text>"
        );
    }
}

/// Draws strips beside the bars: from a call that was not done at once until its result is fetched.
fn tasks(svg: &mut String, steps: &Steps, lanes: &Lanes, rows: &Rows) {
    for (number, task) in (1..).zip(&steps.tasks) {
        let x = lanes.of(&task.who) - BAR - 12.0;
        let (top, bottom) = (rows.list[task.made], rows.list[task.ended]);
        let height = bottom - top;
        add!(
            svg,
            "<rect class=\"task\" x=\"{x}\" y=\"{top}\" width=\"6\" height=\"{height}\" rx=\"3\"/>"
        );
        let middle = x + 3.0;
        add!(
            svg,
            "<text class=\"tag\" x=\"{middle}\" y=\"{}\">T{number}</text>",
            top - 4.0
        );
    }
}

/// Draws bars from the entry of a component to its last act, or that of components that it has entered.
fn bars(svg: &mut String, steps: &Steps, lanes: &Lanes, rows: &Rows) {
    for (place, item) in steps.items.iter().enumerate() {
        let Item::Step(step) = item else { continue };
        if step.by.is_none() {
            continue;
        }
        let within = |item: &Item| matches!(item, Item::Step(inner) if inner.depth <= step.depth);
        let rest = &steps.items[place + 1..];
        let next = rest.iter().position(within).unwrap_or(rest.len());
        // Acts of outer steps come after it has returned.
        let is_inside = |at: &usize| match &steps.items[*at] {
            Item::Act(act) => act.step >= place,
            Item::Step(_) => true,
        };
        let last = (place + 1..place + 1 + next).rev().find(is_inside);
        let (top, x) = (rows.list[place], lanes.of(&step.who) - BAR);
        let height = last.map_or(0.0, |last| rows.list[last] - top) + 7.0;
        add!(
            svg,
            "<rect class=\"run\" x=\"{x}\" y=\"{top}\" width=\"{}\" height=\"{height}\" rx=\"2\"/>",
            2.0 * BAR
        );
    }
}

fn wakes(svg: &mut String, steps: &Steps, lanes: &Lanes, rows: &Rows) {
    for link in &steps.wakes {
        let (x1, y1) = (lanes.of(steps.who(link.from)), rows.list[link.from]);
        let (x2, y2) = (lanes.of(steps.who(link.to)), rows.list[link.to]);
        // An arrow ends on the side that it comes from. Arrows within one component go around on the left.
        let side = if x1 > x2 { 1.0 } else { -1.0 };
        let is_moment = matches!(&steps.items[link.from], Item::Step(_));
        let (from, out, to, back) = if is_moment {
            // Starts below its circle, so that the words beside it stay readable.
            let to = x2 - BAR - 1.0;
            ((x1, y1 + 9.0), (x1, y2), to, to - 60.0)
        } else if x1 == x2 {
            let from = x1 - BAR;
            ((from, y1), (from - 26.0, y1), from - 1.0, from - 27.0)
        } else {
            let (from, to) = (x1 - side * BAR, x2 + side * (BAR + 1.0));
            ((from, y1), (from - side * 60.0, y1), to, to + side * 60.0)
        };
        add!(
            svg,
            "<path class=\"wake\" d=\"M{} {} C{} {} {back} {y2} {to} {y2}\"/>",
            from.0,
            from.1,
            out.0,
            out.1
        );
    }
}

fn items(svg: &mut String, steps: &Steps, lanes: &Lanes, rows: &Rows) {
    let mut number = 0;
    for (place, item) in steps.items.iter().enumerate() {
        let (x, y) = (lanes.of(steps.who(place)), rows.list[place]);
        let middle = y + 4.0;
        match item {
            Item::Act(act) => {
                add!(
                    svg,
                    "<circle class=\"dot\" cx=\"{x}\" cy=\"{y}\" r=\"3.5\"/>"
                );
                let text = escaped(&act.what);
                add!(
                    svg,
                    "<text class=\"act\" x=\"{}\" y=\"{middle}\">{text}</text>",
                    x + BAR + 7.0
                );
            }
            Item::Step(step) => {
                number += 1;
                let what = escaped(&step.what);
                let kind = match &step.by {
                    Some(by) => {
                        let from = lanes.of(by) + if by == HOST { 0.0 } else { BAR };
                        let to = x - 10.0;
                        add!(
                            svg,
                            "<line class=\"enter\" x1=\"{from}\" y1=\"{y}\" x2=\"{to}\" y2=\"{y}\"/>"
                        );
                        "run"
                    }
                    None => "moment",
                };
                add!(
                    svg,
                    "<circle class=\"{kind}\" cx=\"{x}\" cy=\"{y}\" r=\"9\"/>"
                );
                add!(
                    svg,
                    "<text class=\"number\" x=\"{x}\" y=\"{middle}\">{number}</text>"
                );
                let class = if step.by.is_some() { "how" } else { "act" };
                add!(
                    svg,
                    "<text class=\"{class}\" x=\"{}\" y=\"{middle}\">{what}</text>",
                    x + 14.0
                );
            }
        }
    }
}

fn legend(svg: &mut String, top: f64) {
    let (one, two) = (top + 26.0, top + 52.0);
    let line = |y: f64| y - 4.0;
    add!(
        svg,
        "<line class=\"enter\" x1=\"24\" y1=\"{0}\" x2=\"60\" y2=\"{0}\"/>",
        line(one)
    );
    add!(
        svg,
        "<text class=\"small\" x=\"72\" y=\"{one}\">enters: calls one of its exports</text>"
    );
    add!(
        svg,
        "<path class=\"wake\" d=\"M300 {0} L336 {0}\"/>",
        line(one)
    );
    add!(
        svg,
        "<text class=\"small\" x=\"348\" y=\"{one}\">wakes: sends a token, which is taken as an event</text>"
    );
    add!(
        svg,
        "<rect class=\"run\" x=\"30\" y=\"{}\" width=\"10\" height=\"16\" rx=\"2\"/>",
        two - 13.0
    );
    add!(
        svg,
        "<text class=\"small\" x=\"72\" y=\"{two}\">runs, or waits for what it has entered</text>"
    );
    add!(
        svg,
        "<rect class=\"task\" x=\"310\" y=\"{}\" width=\"6\" height=\"16\" rx=\"3\"/>",
        two - 13.0
    );
    add!(
        svg,
        "<text class=\"small\" x=\"348\" y=\"{two}\">a task: a call that was not done at once, until its result is fetched</text>"
    );
}

fn marker(id: &str) -> String {
    format!(
        "<marker id=\"{id}\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\" \
         markerUnits=\"userSpaceOnUse\"><path d=\"M0 0 L8 4 L0 8 z\"/></marker>"
    )
}

/// Escapes text for XML, without the backticks of code.
fn escaped(text: &str) -> String {
    text.replace('`', "")
        .replace('&', "&amp;")
        .replace('<', "&lt;")
}
