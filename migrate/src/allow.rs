//! Comments that silence a finding: `isyswasfa: allow(rule) reason`, on its line or on the one above.

use crate::finding::Finding;
use std::ops::Range;

const MARK: &str = "isyswasfa: allow(";

#[derive(Debug)]
struct Allow {
    range: Range<usize>,
    rules: Vec<String>,
    has_reason: bool,
    /// The bytes whose findings it silences.
    covers: Range<usize>,
    used: bool,
}

/// Removes the findings that are allowed, and adds one for each comment that allows nothing or gives no reason. Comments about rules that had no part in the
/// findings (`asked`) are judged where those rules are.
pub fn filter(
    text: &str,
    findings: Vec<Finding>,
    known: impl Fn(&str) -> bool,
    asked: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    if !text.contains(MARK) {
        return findings;
    }
    let mut allows = parse(text);
    let mut left: Vec<_> = findings
        .into_iter()
        .filter(|finding| {
            let mut covering = allows.iter_mut().filter(|allow| {
                allow.covers.contains(&finding.range.start)
                    && allow.rules.iter().any(|rule| rule == finding.rule)
            });
            let Some(allow) = covering.next() else {
                return true;
            };
            allow.used = true;
            false
        })
        .collect();
    for allow in allows {
        if !allow.rules.iter().all(|rule| asked(rule)) {
            continue;
        }
        let unknown = allow.rules.iter().find(|rule| !known(rule));
        let message = match unknown {
            Some(rule) => format!("there is no rule `{rule}`"),
            None if !allow.used => "nothing is found here that this comment would allow".to_owned(),
            None if !allow.has_reason => "the comment doesn't say why".to_owned(),
            None => continue,
        };
        let finding = Finding {
            rule: "idle-allow",
            ..Finding::new(allow.range, message)
        };
        left.push(finding.help("write `isyswasfa: allow(rule) reason` on the line of the finding or above it, or remove it"));
    }
    left.sort_by_key(|finding| finding.range.start);
    left
}

fn parse(text: &str) -> Vec<Allow> {
    let mut allows = Vec::new();
    for (start, _) in text.match_indices(MARK) {
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let before = text[line..start].trim_start();
        let is_comment = before.contains("//") || before.contains('#') || before.contains("/*");
        let end = text[start..].find('\n').map_or(text.len(), |at| start + at);
        let Some((rules, reason)) = text[start + MARK.len()..end].split_once(')') else {
            continue;
        };
        if !is_comment {
            continue;
        }
        // A comment alone on its line is about the next line that is not such a comment.
        let alone = ["//", "#", "/*"]
            .iter()
            .any(|comment| before.starts_with(comment));
        let mut covered = end;
        while alone && covered < text.len() {
            let next = &text[covered + 1..];
            let length = next.find('\n').unwrap_or(next.len());
            covered += 1 + length;
            let content = next[..length].trim_start();
            if !(content.starts_with("//") || content.starts_with('#') && content.contains(MARK)) {
                break;
            }
        }
        allows.push(Allow {
            range: start..start + MARK.len() + rules.len() + 1,
            rules: rules
                .split(',')
                .map(|rule| rule.trim().to_owned())
                .collect(),
            has_reason: !reason.trim_matches([' ', '*', '/', '\r']).is_empty(),
            covers: line..covered.max(end) + 1,
            used: false,
        });
    }
    allows
}

/// The text with a comment above each line that has findings, so that they are allowed.
pub fn add(text: &str, findings: &[Finding], comment: &str, reason: &str) -> String {
    let mut lines: Vec<(usize, Vec<&str>)> = Vec::new();
    for finding in findings {
        let line = text[..finding.range.start]
            .rfind('\n')
            .map_or(0, |at| at + 1);
        match lines.iter_mut().find(|(at, _)| *at == line) {
            Some((_, rules)) if rules.contains(&finding.rule) => {}
            Some((_, rules)) => rules.push(finding.rule),
            None => lines.push((line, vec![finding.rule])),
        }
    }
    lines.sort();
    let mut result = String::new();
    let mut end = 0;
    for (line, rules) in lines {
        let indent = &text[line..];
        let indent = &indent[..indent.len() - indent.trim_start_matches([' ', '\t']).len()];
        result.push_str(&text[end..line]);
        result += &format!("{indent}{comment} {MARK}{}) {reason}\n", rules.join(", "));
        end = line;
    }
    result + &text[end..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(text: &str, at: &str) -> Finding {
        let start = text.find(at).unwrap();
        Finding {
            rule: "some-rule",
            ..Finding::new(start..start + at.len(), "")
        }
    }

    fn left(text: &str) -> Vec<String> {
        let findings = filter(
            text,
            vec![finding(text, "here")],
            |rule| rule == "some-rule",
            |_| true,
        );
        findings
            .iter()
            .map(|finding| format!("{}: {}", finding.rule, finding.message))
            .collect()
    }

    #[test]
    fn on_the_line_or_above_it() {
        assert!(left("here; // isyswasfa: allow(some-rule) kept for old hosts\n").is_empty());
        assert!(left("# isyswasfa: allow(some-rule) why\nhere\n").is_empty());
        assert!(
            left("  // isyswasfa: allow(other, some-rule) why\n  // more\n  here\n")
                .iter()
                .all(|text| text.starts_with("idle"))
        );
    }

    #[test]
    fn not_further_away() {
        let text = "// isyswasfa: allow(some-rule) why\n\nx\nhere\n";
        assert_eq!(left(text).len(), 2);
    }

    #[test]
    fn a_reason_is_asked_for() {
        assert_eq!(
            left("here // isyswasfa: allow(some-rule)\n"),
            ["idle-allow: the comment doesn't say why"]
        );
    }

    #[test]
    fn an_unknown_rule_is_told() {
        assert_eq!(
            left("here // isyswasfa: allow(sum-rule) x\n")[1],
            "idle-allow: there is no rule `sum-rule`"
        );
    }

    #[test]
    fn what_is_added_allows() {
        let text = "a\n  here x here\n";
        let text = add(text, &[finding(text, "here")], "//", "not yet");
        assert_eq!(
            text,
            "a\n  // isyswasfa: allow(some-rule) not yet\n  here x here\n"
        );
        assert!(left(&text).is_empty());
    }
}
