// SPDX-License-Identifier: Apache-2.0
//! Text that a reader cannot see, but a model does (S-73), as findings.

use crate::finding::Findings;
use crate::unseen;
use toolhive_diagnostics::Diagnostic;

/// Tells the first place of each sort of unseen text, and how often it is there.
pub(crate) fn check(path: &str, text: &[u8], findings: &mut Findings) {
    for found in unseen::find(text) {
        let diagnostic = Diagnostic::new(found.message()).with_rule("text-unseen").at_path(path);
        let help = "remove it, unless it is meant";
        findings.add(diagnostic.at(text, found.span).with_help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::{Findings, Profile};

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
