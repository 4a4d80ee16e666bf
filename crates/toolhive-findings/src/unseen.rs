// SPDX-License-Identifier: Apache-2.0
//! Text that a reader cannot see, but a model does (S-73).
//!
//! Only what has no honest use in a Markdown text is told: joiners belong to emoji and to several
//! scripts, marks of direction to others.

use oci_artifact::Diagnostic;

use crate::finding::Findings;
use crate::name::is_bidi;

/// Looks for unseen text; tells the first place of each sort, and how often it is there.
pub(crate) fn check(path: &str, text: &[u8], findings: &mut Findings) {
    if text.is_ascii() && !text.iter().any(|byte| is_control(char::from(*byte))) {
        return;
    }
    let mut sorts: Vec<(&'static str, std::ops::Range<usize>, usize)> = Vec::new();
    let mut at = 0;
    let mut flag = Flag::default();
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            let is_flag = flag.pass(c);
            if let Some(sort) = sort(c, at).filter(|_| !is_flag) {
                match sorts.iter_mut().find(|(known, ..)| *known == sort) {
                    Some((_, _, count)) => *count += 1,
                    None => sorts.push((sort, at..at + c.len_utf8(), 1)),
                }
            }
            at += c.len_utf8();
        }
        at += chunk.invalid().len();
    }
    for (sort, span, count) in sorts {
        let times = if count == 1 { String::new() } else { format!(", {count} times") };
        let message = format!("{sort} that no reader can see{times}");
        let diagnostic = Diagnostic::new(message).with_rule("text-unseen").at_path(path);
        findings.add(diagnostic.at(text, span).with_help("remove it, unless it is meant"));
    }
}

/// The flag of a region: a black flag and at most seven tags.
#[derive(Default)]
struct Flag {
    tags: Option<usize>,
}

impl Flag {
    /// Whether the next character is a tag that belongs to a flag.
    fn pass(&mut self, c: char) -> bool {
        const FLAG: char = '\u{1f3f4}';
        const LONGEST: usize = 7;
        self.tags = match (c, self.tags) {
            (FLAG, _) => Some(0),
            (c, Some(tags)) if is_tag(c) && tags < LONGEST => Some(tags + 1),
            _ => None,
        };
        self.tags.is_some_and(|tags| tags > 0)
    }
}

fn sort(c: char, at: usize) -> Option<&'static str> {
    match c {
        c if is_bidi(c) => Some("a control of the direction of text"),
        c if is_tag(c) => Some("a tag character"),
        c if is_control(c) => Some("a control character"),
        '\u{200b}' | '\u{2060}' => Some("a zero-width character"),
        '\u{feff}' if at > 0 => Some("a zero-width character"),
        _ => None,
    }
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// A C0 control that is no white space, or DEL.
fn is_control(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{7f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Profile;

    fn told(text: &str) -> Vec<String> {
        let mut findings = Findings::new(Profile::Claude);
        check("f", text.as_bytes(), &mut findings);
        let report = findings.into_report();
        report.findings.into_iter().map(|finding| finding.diagnostic.to_string()).collect()
    }

    #[test]
    fn unseen_text_is_told_once_a_sort_s_73() {
        assert_eq!(
            told("a\u{202e}b\u{202c}\nc\u{200b}\u{1b}"),
            [
                "f:1:2: a control of the direction of text that no reader can see, 2 times",
                "f:2:2: a zero-width character that no reader can see",
                "f:2:3: a control character that no reader can see",
            ]
        );
        let hidden = ["f:1:2: a tag character that no reader can see, 2 times"];
        assert_eq!(told("x\u{e0041}\u{e0042}"), hidden);
        // A flag hides no sentence.
        let long = format!("🏴{}", "\u{e0041}".repeat(20));
        assert_eq!(told(&long), ["f:1:9: a tag character that no reader can see, 13 times"]);
    }

    #[test]
    fn honest_characters_are_not_told_s_73() {
        let honest = "\u{feff}tab\there\r\n👩\u{200d}💻 ❤\u{fe0f} نمی\u{200c}خواهم \u{200f}\
                      🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} soft\u{ad}hyphen";
        assert_eq!(told(honest), [""; 0]);
    }
}
