//! A result beside an earlier one.

use super::row::{Row, Unit, rounded};

/// What a row without a spread is taken to have, in percent.
const UNKNOWN: f64 = 10.0;
/// What two runs differ by at least, however steady each of them is: addresses, the compiler's layout of code.
const LEAST: f64 = 3.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Faster,
    Slower,
    Noise,
}

/// A table of the ratios now and before. What differs by more than both spreads is marked. Ratios are compared, since
/// machines differ.
pub fn table(now: &[Row], before: &[Row]) -> String {
    let mut text = String::from(
        "| row | ratio before | ratio now | change | noise | |\n| --- | ---: | ---: | ---: | ---: | --- |\n",
    );
    for row in now {
        let before = before.iter().find(|before| before.row == row.row);
        let line = match (
            before.and_then(|before| before.ratio.map(|it| (before, it))),
            row.ratio,
        ) {
            (Some((before, earlier)), Some(ratio)) => {
                let (percent, noise, change) = compare(row, ratio, before, earlier);
                let mark = match change {
                    Change::Faster => "better",
                    Change::Slower => "**worse**",
                    Change::Noise => "",
                };
                format!("{earlier} | {ratio} | {percent:+} % | ± {noise} % | {mark}")
            }
            (None, Some(ratio)) => format!("- | {ratio} | - | - | new"),
            (_, None) => continue,
        };
        text += &format!("| `{}` | {line} |\n", row.row);
    }
    text
}

/// The change in percent, the noise, and what of it.
fn compare(now: &Row, ratio: f64, before: &Row, earlier: f64) -> (f64, f64, Change) {
    let percent = 100.0 * (ratio / earlier - 1.0);
    let spread = |row: &Row| row.spread.unwrap_or(UNKNOWN);
    let noise = (spread(now) + spread(before)).max(LEAST);
    let is_less_better = Unit::named(&now.unit).is_some_and(Unit::is_less_better);
    let change = match (percent.abs() > noise, (percent < 0.0) == is_less_better) {
        (false, _) => Change::Noise,
        (true, true) => Change::Faster,
        (true, false) => Change::Slower,
    };
    let tenths = |percent: f64| rounded((percent * 10.0).round() / 10.0);
    (tenths(percent), tenths(noise), change)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(row: &str, unit: &str, ratio: f64, spread: Option<f64>) -> Row {
        Row {
            row: row.into(),
            unit: unit.into(),
            ours: ratio,
            built: None,
            native: Some(1.0),
            ratio: Some(ratio),
            spread,
            wanted: "-".into(),
            reached: None,
        }
    }

    #[test]
    fn only_what_is_outside_the_noise_is_marked() {
        let before = [
            row("steady", "ns", 1.0, Some(2.0)),
            row("slower", "ns", 1.0, Some(2.0)),
            row("faster", "GB/s", 1.0, None),
        ];
        let now = [
            row("steady", "ns", 1.03, Some(2.0)),
            row("slower", "ns", 1.06, Some(2.0)),
            row("faster", "GB/s", 1.5, Some(1.0)),
            row("added", "ns", 1.5, Some(1.0)),
        ];
        assert_eq!(
            table(&now, &before).lines().skip(2).collect::<Vec<_>>(),
            [
                "| `steady` | 1 | 1.03 | +3 % | ± 4 % |  |",
                "| `slower` | 1 | 1.06 | +6 % | ± 4 % | **worse** |",
                "| `faster` | 1 | 1.5 | +50 % | ± 11 % | better |",
                "| `added` | - | 1.5 | - | - | new |",
            ]
        );
    }
}
