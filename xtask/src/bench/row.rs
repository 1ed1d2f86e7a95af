//! A row of the result, and what is wanted of it.

use super::sides::{Samples, median, quantile};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a row measures.
pub struct Spec {
    pub name: &'static str,
    pub unit: Unit,
    pub wanted: Wanted,
    /// One phrase, for the table of rows.
    pub about: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds of a call or an item.
    Nanoseconds,
    /// Microseconds of a call.
    Microseconds,
    Milliseconds,
    Seconds,
    Kibibytes,
    Mebibytes,
    GigabytesASecond,
    /// Of requests, connections, instances or files.
    ASecond,
}

/// What the design demands of a row.
#[derive(Clone, Copy)]
pub enum Wanted {
    Nothing,
    /// A ratio of at most this.
    AtMost(f64),
    AtLeast(f64),
    /// Ours is at most so many units more.
    Added(f64),
    /// Ours is at most so many units.
    Within(f64),
    /// The same as another row's.
    AsRow(&'static str),
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Row {
    pub row: String,
    pub unit: String,
    pub ours: f64,
    /// Only where ours is translated: the same source, built for the split ABI.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub built: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub native: Option<f64>,
    /// `ours / built`, or else `ours / native`: the median of all turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// The noise of `ratio` in percent: half of what lies between the lowest and the highest tenth of all turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<f64>,
    pub wanted: String,
    /// Whether it is what is wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<bool>,
}

impl Unit {
    pub fn is_less_better(self) -> bool {
        !matches!(self, Unit::GigabytesASecond | Unit::ASecond)
    }

    /// The unit of this name.
    pub fn named(name: &str) -> Option<Unit> {
        use Unit::*;
        [
            Nanoseconds,
            Microseconds,
            Milliseconds,
            Seconds,
            Kibibytes,
            Mebibytes,
            GigabytesASecond,
            ASecond,
        ]
        .into_iter()
        .find(|unit| unit.to_string() == name)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unit::Nanoseconds => "ns",
            Unit::Microseconds => "µs",
            Unit::Milliseconds => "ms",
            Unit::Seconds => "s",
            Unit::Kibibytes => "KiB",
            Unit::Mebibytes => "MiB",
            Unit::GigabytesASecond => "GB/s",
            Unit::ASecond => "1/s",
        })
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wanted::Nothing => write!(f, "-"),
            Wanted::AtMost(ratio) if *ratio < 1.0 => write!(f, "≤ 1/{}", (1.0 / ratio).round()),
            Wanted::AtMost(ratio) => write!(f, "≤ {ratio}"),
            Wanted::AtLeast(ratio) => write!(f, "≥ {}", (ratio * 100.0).round() / 100.0),
            Wanted::Added(more) => write!(f, "ours − native ≤ {more}"),
            Wanted::Within(figure) => write!(f, "ours ≤ {figure}"),
            Wanted::AsRow(row) => write!(f, "ours as `{row}`"),
        }
    }
}

impl Row {
    pub fn new(spec: &Spec, samples: &Samples) -> Row {
        let beside = samples.built.as_ref().or(samples.native.as_ref());
        let ratios: Option<Vec<f64>> = beside.map(|beside| {
            let turns = samples.ours.iter().zip(beside);
            turns.map(|(ours, beside)| ours / beside).collect()
        });
        let ours = median(&samples.ours);
        let native = samples.native.as_deref().map(median);
        let ratio = ratios.as_deref().map(median);
        // A size has no noise, and one turn shows none.
        let spread = ratios.filter(|ratios| ratios.len() > 1).map(|ratios| {
            let half = (quantile(&ratios, 0.9) - quantile(&ratios, 0.1)) / 2.0;
            100.0 * half / median(&ratios)
        });
        let reached = match spec.wanted {
            Wanted::Nothing | Wanted::AsRow(_) => None,
            Wanted::AtMost(wanted) => ratio.map(|ratio| ratio <= wanted),
            Wanted::AtLeast(wanted) => ratio.map(|ratio| ratio >= wanted),
            Wanted::Added(wanted) => native.map(|native| ours - native <= wanted),
            Wanted::Within(wanted) => Some(ours <= wanted),
        };
        Row {
            row: spec.name.into(),
            unit: spec.unit.to_string(),
            ours: rounded(ours),
            built: samples.built.as_deref().map(median).map(rounded),
            native: native.map(rounded),
            ratio: ratio.map(rounded),
            spread: spread.map(|spread| (spread * 10.0).round() / 10.0),
            wanted: spec.wanted.to_string(),
            reached,
        }
    }

    /// Ours by native, whatever else there is.
    pub fn by_native(&self) -> Option<f64> {
        self.native.map(|native| rounded(self.ours / native))
    }

    /// How many times as good as native it is.
    pub fn advantage(&self) -> Option<f64> {
        let is_less_better = Unit::named(&self.unit)?.is_less_better();
        self.by_native()
            .map(|ratio| if is_less_better { 1.0 / ratio } else { ratio })
    }
}

/// Four significant digits: more would be noise.
pub fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::sides::Sides;

    #[test]
    fn a_ratio_is_that_of_each_turn() {
        let spec = Spec {
            name: "call-ready",
            unit: Unit::Nanoseconds,
            wanted: Wanted::AtMost(1.0 / 40.0),
            about: "",
        };
        // In the last turn, the machine did something else.
        let samples = Sides::pair(vec![30.0, 30.0, 300.0], vec![1200.0, 1200.0, 12_000.0]);
        let row = Row::new(&spec, &samples);
        assert_eq!(row.ratio, Some(0.025));
        assert_eq!(row.spread, Some(0.0));
        assert_eq!(row.reached, Some(true));
        assert_eq!(row.wanted, "≤ 1/40");
        assert_eq!(row.advantage(), Some(40.0));
        assert_eq!(rounded(30626.62), 30630.0);
    }

    #[test]
    fn a_spread_is_that_of_the_ratios() {
        let spec = Spec {
            name: "http-hello",
            unit: Unit::ASecond,
            wanted: Wanted::AtLeast(1.5),
            about: "",
        };
        let ours = (0..11).map(|turn| 90.0 + 2.0 * f64::from(turn)).collect();
        let row = Row::new(&spec, &Sides::pair(ours, vec![100.0; 11]));
        assert_eq!(row.ratio, Some(1.0));
        assert_eq!(row.spread, Some(8.0));
        assert_eq!(row.reached, Some(false));
    }
}
