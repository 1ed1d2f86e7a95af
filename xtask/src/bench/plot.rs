//! The plots of a result, as SVG: how ours compares in each row, and how cost grows.

use super::row::Row;
use std::fmt::Write;

const OURS: &str = "#1a7f5a";
const BEHIND: &str = "#c2571a";
const NATIVE: &str = "#5b6470";
const INK: &str = "#1f2328";
const GRID: &str = "#d8dde3";

/// A bar for each row that has a native figure: how many times as good as native ours is, on a logarithmic scale.
pub fn advantages(rows: &[Row]) -> String {
    const LINE: f64 = 18.0;
    const LEFT: f64 = 200.0;
    const WIDTH: f64 = 520.0;
    const TOP: f64 = 56.0;
    // Sizes are what is added, not what is better.
    let rows = rows.iter().filter(|row| !row.wanted.starts_with("ours −"));
    let bars: Vec<_> = rows
        .filter_map(|row| Some((row.row.as_str(), row.advantage()?)))
        .collect();
    let factors = bars.iter().map(|(_, factor)| factor.log10());
    let lowest = factors.clone().fold(-0.31, f64::min);
    let highest = factors.fold(1.0, f64::max);
    let at = |factor: f64| LEFT + WIDTH * (factor.log10() - lowest) / (highest - lowest);
    let bottom = TOP + LINE * bars.len() as f64;
    let mut svg = Svg::new(LEFT + WIDTH + 70.0, bottom + 20.0);
    svg.text(
        16.0,
        24.0,
        "start",
        15,
        INK,
        "How many times as good as native",
    );
    svg.text(
        16.0,
        42.0,
        "start",
        11,
        NATIVE,
        "to the right of 1×: faster, or less memory; logarithmic",
    );
    for factor in [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0] {
        if (lowest..=highest).contains(&f64::log10(factor)) {
            let color = if factor == 1.0 { INK } else { GRID };
            svg.line(at(factor), TOP - 2.0, at(factor), bottom, color);
            svg.text(
                at(factor),
                bottom + 14.0,
                "middle",
                10,
                NATIVE,
                &format!("{factor}×"),
            );
        }
    }
    for (number, (name, factor)) in bars.into_iter().enumerate() {
        let y = TOP + LINE * number as f64;
        let (from, to) = (at(factor.min(1.0)), at(factor.max(1.0)));
        let color = if factor < 1.0 { BEHIND } else { OURS };
        svg.text(LEFT - 8.0, y + 12.0, "end", 11, INK, name);
        svg.bar(from, y + 2.0, (to - from).max(1.0), LINE - 5.0, color);
        let digits = if factor < 10.0 { 2 } else { 0 };
        svg.text(
            to + 5.0,
            y + 12.0,
            "start",
            10,
            INK,
            &format!("{factor:.digits$}×"),
        );
    }
    svg.end()
}

/// What grows with what.
struct Growth {
    title: &'static str,
    across: &'static str,
    unit: &'static str,
    /// Names of rows, and how many there are of what grows.
    rows: &'static [(&'static str, f64)],
}

const GROWTHS: [Growth; 3] = [
    Growth {
        title: "A call that waits",
        across: "idle components beside it",
        unit: "ns",
        rows: &[
            ("call-among-1", 1.0),
            ("call-among-4", 4.0),
            ("call-among-16", 16.0),
            ("call-among-64", 64.0),
        ],
    },
    Growth {
        title: "A call that waits",
        across: "other tasks that wait",
        unit: "ns",
        rows: &[
            ("call-beside-1", 1.0),
            ("call-beside-100", 100.0),
            ("call-beside-10000", 10_000.0),
        ],
    },
    Growth {
        title: "Memory of a server",
        across: "connections with a request that waits",
        unit: "MiB",
        rows: &[
            ("waiting-100-memory", 100.0),
            ("waiting-1000-memory", 1000.0),
            ("waiting-10000-memory", 10_000.0),
        ],
    },
];

/// A panel for each: figures of ours and of native, both scales logarithmic.
pub fn growth(rows: &[Row]) -> String {
    const PANEL: f64 = 290.0;
    const WIDTH: f64 = 180.0;
    const HEIGHT: f64 = 180.0;
    const TOP: f64 = 50.0;
    let mut svg = Svg::new(PANEL * GROWTHS.len() as f64 + 20.0, TOP + HEIGHT + 60.0);
    for (number, growth) in GROWTHS.iter().enumerate() {
        let left = PANEL * number as f64 + 64.0;
        let points: Vec<_> = growth
            .rows
            .iter()
            .filter_map(|(name, many)| {
                let row = rows.iter().find(|row| row.row == *name)?;
                Some((*many, row.ours, row.native?))
            })
            .collect();
        let title = format!("{} ({})", growth.title, growth.unit);
        svg.text(left - 40.0, 24.0, "start", 14, INK, &title);
        let (Some(&(least, ..)), Some(&(most, ..))) = (points.first(), points.last()) else {
            svg.text(left, TOP + 20.0, "start", 11, NATIVE, "not measured");
            continue;
        };
        let figures = points.iter().flat_map(|(_, ours, native)| [*ours, *native]);
        let lowest = figures.clone().fold(f64::MAX, f64::min).log10().floor();
        let highest = figures.fold(0.0, f64::max).log10().ceil().max(lowest + 1.0);
        let span = (most / least).log10().max(1.0);
        let x = |many: f64| left + WIDTH * (many / least).log10() / span;
        let y = |figure: f64| TOP + HEIGHT * (highest - figure.log10()) / (highest - lowest);
        for power in lowest as i32..=highest as i32 {
            let figure = 10f64.powi(power);
            svg.line(left, y(figure), left + WIDTH, y(figure), GRID);
            svg.text(
                left - 6.0,
                y(figure) + 4.0,
                "end",
                10,
                NATIVE,
                &figure.to_string(),
            );
        }
        for (many, ..) in &points {
            svg.text(
                x(*many),
                TOP + HEIGHT + 16.0,
                "middle",
                10,
                NATIVE,
                &many.to_string(),
            );
        }
        let middle = left + WIDTH / 2.0;
        svg.text(
            middle,
            TOP + HEIGHT + 36.0,
            "middle",
            11,
            INK,
            growth.across,
        );
        let line = |of: fn(&(f64, f64, f64)) -> f64| {
            points
                .iter()
                .map(|point| (x(point.0), y(of(point))))
                .collect::<Vec<_>>()
        };
        for (name, color, line) in [
            ("native", NATIVE, line(|point| point.2)),
            ("ours", OURS, line(|point| point.1)),
        ] {
            svg.polyline(&line, color);
            if let Some((x, y)) = line.last() {
                svg.text(x + 7.0, y + 4.0, "start", 11, color, name);
            }
        }
    }
    svg.end()
}

struct Svg(String);

impl Svg {
    fn new(width: f64, height: f64) -> Svg {
        Svg(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             font-family=\"system-ui, sans-serif\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"
        ))
    }

    fn push(&mut self, element: std::fmt::Arguments) {
        writeln!(self.0, "{element}").expect("a String takes all");
    }

    fn text(&mut self, x: f64, y: f64, anchor: &str, size: u32, color: &str, text: &str) {
        self.push(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" font-size=\"{size}\" fill=\"{color}\">{text}</text>"
        ));
    }

    fn line(&mut self, x1: f64, y1: f64, x2: f64, y2: f64, color: &str) {
        self.push(format_args!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{color}\"/>"
        ));
    }

    fn bar(&mut self, x: f64, y: f64, width: f64, height: f64, color: &str) {
        self.push(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{color}\"/>"
        ));
    }

    fn polyline(&mut self, points: &[(f64, f64)], color: &str) {
        let mut path = String::new();
        for (x, y) in points {
            write!(path, "{x:.1},{y:.1} ").expect("a String takes all");
        }
        self.push(format_args!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>",
            path.trim_end()
        ));
        for (x, y) in points {
            self.push(format_args!(
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{color}\"/>"
            ));
        }
    }

    fn end(mut self) -> String {
        self.0 += "</svg>\n";
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(row: &str, unit: &str, ours: f64, native: f64) -> Row {
        Row {
            row: row.into(),
            unit: unit.into(),
            ours,
            built: None,
            native: Some(native),
            ratio: Some(ours / native),
            spread: None,
            wanted: "-".into(),
            reached: None,
        }
    }

    #[test]
    fn better_is_to_the_right() {
        let svg = advantages(&[
            row("call-ready", "ns", 100.0, 4000.0),
            row("http-hello", "1/s", 150.0, 300.0),
        ]);
        assert!(svg.contains(">40×</text>"), "{svg}");
        assert!(svg.contains(">0.50×</text>"), "{svg}");
        // The second one begins left of the line at 1×, where the first one begins.
        let bars: Vec<f64> = svg
            .lines()
            .filter(|line| line.contains("<rect x="))
            .map(|line| line.split('"').nth(1).unwrap().parse().unwrap())
            .collect();
        assert!(bars[1] < bars[0], "{bars:?}");
    }

    #[test]
    fn what_is_not_measured_is_said() {
        let svg = growth(&[
            row("call-among-1", "ns", 2000.0, 20_000.0),
            row("call-among-64", "ns", 2100.0, 20_000.0),
        ]);
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert_eq!(svg.matches("not measured").count(), 2);
    }
}
