// SPDX-License-Identifier: Apache-2.0
//! Rule numbers: each one that is cited stands in `docs/spec/`, and each rule there is cited.

mod cited;
mod stated;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::Finding;
use crate::{Result, workspace};

/// The folder of the specifications.
const SPECIFICATIONS: &str = "docs/spec/";

/// Files whose text is data, or describes an earlier state.
const NOT_CITING: &[&str] = &["testdata/", "fuzz/corpus/", "CHANGELOG.md", "Cargo.lock", "LICENSE"];

/// A rule's name: its family and its number, `TAR-7`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rule {
    family: String,
    number: u32,
}

impl std::fmt::Display for Rule {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}-{}", self.family, self.number)
    }
}

/// All that the specifications state.
#[derive(Debug, Default)]
struct Law {
    /// Rules, each with whether something of ours has to cite it.
    rules: BTreeMap<Rule, Duty>,
    /// Numbers of sections, by document: `10.4` of `format`.
    sections: BTreeMap<String, BTreeSet<String>>,
}

/// A rule's claim on code and tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Duty {
    /// A rule that is decided for us: something must cite it.
    Ours,
    /// A rule that describes the reference, or gives advice: nothing has to cite it.
    None,
}

impl Law {
    fn families(&self) -> BTreeSet<&str> {
        self.rules.keys().map(|rule| rule.family.as_str()).collect()
    }
}

pub(super) fn check(files: &[String]) -> Result<Vec<Finding>> {
    let (mut law, mut texts) = (Law::default(), Vec::new());
    for path in files {
        if NOT_CITING.iter().any(|data| path.starts_with(data)) {
            continue;
        }
        let Ok(text) = String::from_utf8(fs::read(workspace::root().join(path))?) else {
            continue;
        };
        match path.strip_prefix(SPECIFICATIONS).and_then(|name| name.strip_suffix(".md")) {
            Some(document) => stated::read(document, &text, &mut law),
            None => texts.push((path, text)),
        }
    }
    Ok(compare(&law, &texts))
}

/// Returns the citations that lead nowhere, and the rules that nothing cites.
fn compare(law: &Law, texts: &[(&String, String)]) -> Vec<Finding> {
    let (families, mut seen, mut findings) = (law.families(), BTreeSet::new(), Vec::new());
    for (path, text) in texts {
        for (index, line) in text.lines().enumerate() {
            let place = format!("{path}:{}", index + 1);
            for rule in cited::rules(line, &families) {
                if !law.rules.contains_key(&rule) {
                    findings
                        .push(format!("{place}: {rule} stands in no document of {SPECIFICATIONS}"));
                }
                seen.insert(rule);
            }
            if let Some(name) = cited::led_by_rule(line, &families) {
                findings.push(format!("{place}: {name}: say the behaviour first, the rule last"));
            }
            for (document, section) in cited::sections(line) {
                let known = law.sections.get(document).is_none_or(|all| all.contains(section));
                if !known {
                    findings.push(format!("{place}: {document}.md has no section {section}"));
                }
            }
        }
    }
    let lost =
        law.rules.iter().filter(|(rule, duty)| **duty == Duty::Ours && !seen.contains(*rule));
    findings.extend(lost.map(|(rule, _)| {
        format!("{SPECIFICATIONS}: {rule} is cited nowhere: cite it where it is obeyed and proven, or mark it `[reference]`")
    }));
    findings
}

#[cfg(test)]
mod tests {
    use super::{Law, compare, stated};

    fn findings(specification: &str, text: &str) -> Vec<String> {
        let mut law = Law::default();
        stated::read("format", specification, &mut law);
        compare(&law, &[(&"a.rs".to_owned(), text.to_owned())])
    }

    #[test]
    fn a_rule_that_is_stated_and_cited_is_tidy() {
        assert_eq!(findings("- **TAR-1** Sorted.\n", "//! Sorted (TAR-1).\n"), [""; 0]);
        assert_eq!(
            findings("- **TAR-1** Sorted.\n", "fn members_are_sorted_tar_1() {}\n"),
            [""; 0]
        );
        assert_eq!(findings("- **TAR-1** x.\n- **TAR-2** y.\n", "// TAR-1 to TAR-2\n"), [""; 0]);
    }

    #[test]
    fn a_test_says_the_behaviour_before_the_rule() {
        let law = "- **TAR-1** Sorted.\n";
        for name in ["tar_1_members_are_sorted", "and_1_members_are_sorted_tar_1"] {
            let found = findings(law, &format!("    async fn {name}() {{}}\n// TAR-1\n"));
            assert_eq!(found, [format!("a.rs:1: {name}: say the behaviour first, the rule last")]);
        }
        assert_eq!(findings(law, "fn http_2_members_are_sorted_tar_1() {}\n"), [""; 0]);
    }

    #[test]
    fn a_citation_that_leads_nowhere_is_found() {
        let found = findings("- **TAR-1** Sorted.\n", "// TAR-1\n// TAR-9\n");
        assert_eq!(found, ["a.rs:2: TAR-9 stands in no document of docs/spec/"]);
        let found =
            findings("## 1 x\n### 1.2 y\n", "// format.md 1.2\n// `format.md`, section 3\n");
        assert_eq!(found, ["a.rs:2: format.md has no section 3"]);
    }

    #[test]
    fn a_rule_that_nothing_cites_is_found_unless_it_is_only_the_reference_s() {
        let [found] = &findings("- **TAR-1** Sorted.\n", "")[..] else { panic!("one finding") };
        assert!(found.contains("TAR-1 is cited nowhere"), "{found}");
        assert_eq!(findings("- **ST-9** Memory. [reference]\n", ""), [""; 0]);
        assert_eq!(findings("## 9 Store [reference]\n- **ST-9** Memory.\n", ""), [""; 0]);
    }
}
