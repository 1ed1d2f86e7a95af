//! Cuts guests' output into lines, escapes control characters in them, and puts a prefix before each line.

use crate::escape;
use std::borrow::Cow;

/// The requests that may have written a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Writer {
    /// No request was being handled (the guest's own background work).
    Nobody,
    /// This request.
    Request(u64),
    /// One of these requests, which share an instance.
    OneOf(Vec<u64>),
}

impl Writer {
    /// The writer, if an instance works on these requests.
    pub(super) fn among(requests: &[u64]) -> Self {
        match requests {
            [] => Writer::Nobody,
            [one] => Writer::Request(*one),
            several => Writer::OneOf(several.to_vec()),
        }
    }

    fn may_be(&self, request: u64) -> bool {
        match self {
            Writer::Nobody => false,
            Writer::Request(own) => *own == request,
            Writer::OneOf(several) => several.contains(&request),
        }
    }
}

/// The length at which an unfinished line is cut.
const MAX_LINE: usize = 64 << 10;

/// How many of the requests that may have written a line are named.
const MAX_NAMED: usize = 4;

/// Unfinished lines, by writer.
#[derive(Debug)]
pub(super) struct Lines {
    /// The stream's name in the prefix; `None`: there are no prefixes.
    stream: Option<&'static str>,
    partial: Vec<(Writer, Vec<u8>)>,
}

impl Lines {
    pub(super) fn new(stream: Option<&'static str>) -> Self {
        Self {
            stream,
            partial: Vec::new(),
        }
    }

    /// Takes the output of `writer`, and appends the completed lines to `out`.
    pub(super) fn write(&mut self, writer: &Writer, mut bytes: &[u8], out: &mut Vec<u8>) {
        while !bytes.is_empty() {
            let position = self.partial.iter().position(|(own, _)| own == writer);
            let held = position.map_or(0, |position| self.partial[position].1.len());
            let room = MAX_LINE.saturating_sub(held);
            let end = bytes.iter().take(room).position(|&byte| byte == b'\n');
            let Some(end) = end.or((bytes.len() >= room).then_some(room)) else {
                match position {
                    Some(position) => self.partial[position].1.extend_from_slice(bytes),
                    None => self.partial.push((writer.clone(), bytes.to_vec())),
                }
                return;
            };
            let begun = position.map(|position| self.partial.swap_remove(position).1);
            let line = match begun {
                Some(mut line) => {
                    line.extend_from_slice(&bytes[..end]);
                    Cow::Owned(line)
                }
                None => Cow::Borrowed(&bytes[..end]),
            };
            self.line(writer, &line, out);
            bytes = &bytes[end..];
            bytes = bytes.strip_prefix(b"\n").unwrap_or(bytes);
        }
    }

    /// Ends the lines that `request` may have begun, or all lines, as if a newline had come.
    pub(super) fn finish(&mut self, request: Option<u64>, out: &mut Vec<u8>) {
        let (ended, partial): (Vec<_>, Vec<_>) = std::mem::take(&mut self.partial)
            .into_iter()
            .partition(|(writer, _)| request.is_none_or(|request| writer.may_be(request)));
        self.partial = partial;
        for (writer, line) in ended {
            self.line(&writer, &line, out);
        }
    }

    /// Appends a whole line. A carriage return before its end belongs to the end.
    fn line(&self, writer: &Writer, line: &[u8], out: &mut Vec<u8>) {
        self.begin_line(writer, out);
        escape::bytes(line.strip_suffix(b"\r").unwrap_or(line), out);
        out.push(b'\n');
    }

    fn begin_line(&self, writer: &Writer, out: &mut Vec<u8>) {
        let Some(stream) = self.stream else {
            return;
        };
        let prefix = match writer {
            Writer::Nobody => format!("{stream} [-] :: "),
            Writer::Request(number) => format!("{stream} [{number}] :: "),
            Writer::OneOf(numbers) => {
                let mut names: Vec<_> = numbers
                    .iter()
                    .take(MAX_NAMED)
                    .map(|number| number.to_string())
                    .collect();
                if numbers.len() > MAX_NAMED {
                    names.push("…".to_owned());
                }
                format!("{stream} [{}] :: ", names.join("|"))
            }
        };
        out.extend_from_slice(prefix.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(lines: &mut Lines, writer: Writer, text: &str) -> String {
        let mut out = Vec::new();
        lines.write(&writer, text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    fn finished(lines: &mut Lines, request: Option<u64>) -> String {
        let mut out = Vec::new();
        lines.finish(request, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_of_several_writers_do_not_mix() {
        let mut lines = Lines::new(Some("stdout"));
        let (three, four) = (Writer::Request(3), Writer::Request(4));
        assert_eq!(written(&mut lines, three.clone(), "he"), "");
        assert_eq!(
            written(&mut lines, four.clone(), "one\ntwo\nth"),
            "stdout [4] :: one\nstdout [4] :: two\n"
        );
        assert_eq!(written(&mut lines, three, "llo\n"), "stdout [3] :: hello\n");
        assert_eq!(finished(&mut lines, Some(3)), "");
        assert_eq!(finished(&mut lines, Some(4)), "stdout [4] :: th\n");
        assert_eq!(finished(&mut lines, None), "");
    }

    #[test]
    fn no_line_looks_like_another_s() {
        let mut lines = Lines::new(Some("stderr"));
        let forged = "\x1b[2K\rERROR forged\r\nplain\r\n";
        assert_eq!(
            written(&mut lines, Writer::Request(1), forged),
            "stderr [1] :: \\u{1b}[2K\\rERROR forged\nstderr [1] :: plain\n"
        );
    }

    #[test]
    fn empty_lines_stay() {
        let mut lines = Lines::new(Some("stderr"));
        assert_eq!(
            written(&mut lines, Writer::Request(1), "\n\na\n"),
            "stderr [1] :: \nstderr [1] :: \nstderr [1] :: a\n"
        );
    }

    #[test]
    fn who_cannot_be_told_apart_is_listed() {
        let mut lines = Lines::new(Some("stdout"));
        assert_eq!(
            written(&mut lines, Writer::among(&[1, 2]), "a\n"),
            "stdout [1|2] :: a\n"
        );
        assert_eq!(
            written(&mut lines, Writer::among(&[1, 2, 3, 4, 5]), "a\n"),
            "stdout [1|2|3|4|…] :: a\n"
        );
        assert_eq!(
            written(&mut lines, Writer::among(&[]), "a\n"),
            "stdout [-] :: a\n"
        );
    }

    #[test]
    fn endless_lines_are_cut() {
        let mut lines = Lines::new(None);
        let text = "x".repeat(MAX_LINE);
        assert_eq!(written(&mut lines, Writer::Nobody, &text[1..]).len(), 0);
        let out = written(&mut lines, Writer::Nobody, "yz");
        assert_eq!(out.len(), MAX_LINE + 1);
        assert!(out.ends_with("xy\n"));
        assert_eq!(finished(&mut lines, None), "z\n");
    }
}
