//! A row of the result.

use serde::Serialize;

#[derive(Serialize)]
pub struct Row {
    pub row: &'static str,
    /// `ns` a call: less is better. `GB/s`, `requests/s`: more is better.
    pub unit: &'static str,
    pub ours: f64,
    pub native: f64,
    /// `ours / native`.
    pub ratio: f64,
    /// The ratio that the design demands.
    pub wanted: &'static str,
}

impl Row {
    pub fn new(
        row: &'static str,
        unit: &'static str,
        ours: f64,
        native: f64,
        wanted: &'static str,
    ) -> Row {
        Row {
            row,
            unit,
            ours: rounded(ours),
            native: rounded(native),
            ratio: rounded(ours / native),
            wanted,
        }
    }
}

/// Four significant digits: more would be noise.
fn rounded(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let scale = 10f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}

/// The rows as a Markdown table.
pub fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| row | unit | ours | native | ratio | wanted |\n| --- | --- | ---: | ---: | ---: | --- |\n",
    );
    for Row {
        row,
        unit,
        ours,
        native,
        ratio,
        wanted,
    } in rows
    {
        text += &format!("| `{row}` | {unit} | {ours} | {native} | {ratio} | {wanted} |\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_ours_by_native() {
        let row = Row::new("call-ready", "ns", 30.0, 1200.0, "≤ 0.025");
        assert_eq!(row.ratio, 0.025);
        assert_eq!(rounded(30626.62), 30630.0);
        assert!(table(&[row]).ends_with("| `call-ready` | ns | 30 | 1200 | 0.025 | ≤ 0.025 |\n"));
    }
}
