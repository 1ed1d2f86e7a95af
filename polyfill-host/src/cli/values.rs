//! Durations, sizes and switches as they are written on the command line.

use std::time::Duration;

/// `5`, `5s`, `100ms`, `2m`, …; a number alone counts seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| not_a_duration(text))?;
    let seconds = |each: u64| {
        number
            .checked_mul(each)
            .map(Duration::from_secs)
            .ok_or_else(|| not_a_duration(text))
    };
    match unit {
        "" | "s" => seconds(1),
        "m" => seconds(60),
        "h" => seconds(3600),
        "ms" => Ok(Duration::from_millis(number)),
        "us" | "µs" | "μs" => Ok(Duration::from_micros(number)),
        "ns" => Ok(Duration::from_nanos(number)),
        _ => Err(not_a_duration(text)),
    }
}

fn not_a_duration(text: &str) -> String {
    format!("`{text}` is no duration; write `5`, `5s`, `100ms`, `2m` or `1h`")
}

/// The longest timeout: longer ones only overflow clocks.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

/// A duration after which something ends: not zero, and at most a year.
pub(super) fn timeout(text: &str) -> Result<Duration, String> {
    let timeout = duration(text)?;
    if timeout.is_zero() {
        return Err("a timeout of 0 leaves no time at all".to_owned());
    }
    Ok(timeout.min(LONGEST))
}

/// A number that is at least 1.
pub(super) fn count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(count) => Ok(count),
        Err(_) => Err(format!("`{text}` is no number")),
    }
}

/// `1048576`, `64k`, `512M`, `4G` (or `KiB`, `MiB`, `GiB`).
pub(super) fn bytes(text: &str) -> Result<usize, String> {
    let wrong =
        || format!("`{text}` is no number of bytes; write `1048576`, `512k`, `64M` or `4G`");
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: usize = number.parse().map_err(|_| wrong())?;
    let shift = match unit {
        "" | "B" => 0,
        "k" | "K" | "KiB" => 10,
        "M" | "MiB" => 20,
        "G" | "GiB" => 30,
        _ => return Err(wrong()),
    };
    number.checked_mul(1 << shift).ok_or_else(wrong)
}

/// `y`, `n` and other words for them.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text {
        "y" | "yes" | "true" => Ok(true),
        "n" | "no" | "false" => Ok(false),
        _ => Err(format!("`{text}` is neither `y` nor `n`")),
    }
}

/// A switch as it is written.
pub(super) fn switched(on: bool) -> String {
    if on { "y".to_owned() } else { "n".to_owned() }
}

/// A size as it is written: in the largest unit that it is a multiple of.
pub(super) fn size(bytes: usize) -> String {
    for (shift, unit) in [(30, "G"), (20, "M"), (10, "k")] {
        let unit_size = 1 << shift;
        if bytes >= unit_size && bytes.is_multiple_of(unit_size) {
            return format!("{}{unit}", bytes >> shift);
        }
    }
    bytes.to_string()
}

/// A duration as it is written.
pub(super) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds, duration.subsec_millis()) {
        (1.., 0) if seconds.is_multiple_of(60) => format!("{}m", seconds / 60),
        (_, 0) => format!("{seconds}s"),
        _ => format!("{}ms", duration.as_millis()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("5"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("3us"), Ok(Duration::from_micros(3)));
        assert_eq!(duration("3μs"), Ok(Duration::from_micros(3)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for text in ["", "s", "-1", "1.5s", "5 s", "5x", "99999999999999999999"] {
            assert!(duration(text).is_err(), "{text}");
        }
        assert!(timeout("0").is_err());
        assert_eq!(timeout("18446744073709551615"), Ok(LONGEST));
    }

    #[test]
    fn what_is_written_can_be_read() {
        for number in [0, 1, 1000, 1024, 3 << 20, (3 << 20) + 1, 4 << 30] {
            assert_eq!(bytes(&size(number)), Ok(number));
        }
        assert_eq!(size(128 << 20), "128M");
        for text in ["1s", "10m", "250ms", "90s"] {
            assert_eq!(time(duration(text).unwrap()), text);
        }
        assert_eq!(switch(&switched(true)), Ok(true));
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes("0"), Ok(0));
        assert_eq!(bytes("64k"), Ok(65536));
        assert_eq!(bytes("1MiB"), Ok(1 << 20));
        assert_eq!(bytes("4G"), Ok(4 << 30));
        for text in ["", "k", "1kb", "99999999999G"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
