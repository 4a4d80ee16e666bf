// SPDX-License-Identifier: Apache-2.0
//! Rules and sections that a specification states.

use super::{Duty, Law, Rule};

/// Words, in a rule's line or in a heading above it, for what nothing of ours has to obey: it is
/// what the reference does, or it may be built one day.
const NOT_OURS: &[&str] = &["[reference]", "[optional]"];

/// Families whose rules are the numbered items of a section of a document.
const NUMBERED: &[(&str, &str, &str)] = &[("registry", "B", "R"), ("registry", "F", "F")];

/// Adds what a document states.
pub(super) fn read(document: &str, text: &str, law: &mut Law) {
    let mut headings: Vec<(usize, bool)> = Vec::new();
    let mut part = String::new();
    for line in text.lines() {
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        if level > 0 {
            let title = line.trim_start_matches('#').trim_start();
            let number = title.split([' ', '.']).next().unwrap_or_default();
            if level == 2 {
                number.clone_into(&mut part);
            }
            let number = title.split(' ').next().unwrap_or_default().trim_end_matches('.');
            if number.starts_with(|first: char| first.is_ascii_digit()) {
                law.sections.entry(document.into()).or_default().insert(number.into());
            }
            headings.retain(|(above, _)| *above < level);
            headings.push((level, is_marked(line)));
            continue;
        }
        let not_ours = is_marked(line) || headings.iter().any(|(_, not_ours)| *not_ours);
        let duty = if not_ours { Duty::None } else { Duty::Ours };
        for rule in stated(line).into_iter().chain(item(document, &part, line)) {
            law.rules.insert(rule, duty);
        }
    }
}

fn is_marked(line: &str) -> bool {
    NOT_OURS.iter().any(|mark| line.contains(mark))
}

/// Returns the rules that a line states: in bold anywhere, or in plain text at its start or in its first cell.
fn stated(line: &str) -> Vec<Rule> {
    let bold = line.match_indices("**").filter_map(|(at, mark)| rule(line.get(at + mark.len()..)?));
    let start = rule(line.strip_prefix("| ").unwrap_or(line));
    bold.chain(start).collect()
}

/// Returns the rule that a numbered item is, in a section whose items are rules.
fn item(document: &str, part: &str, line: &str) -> Option<Rule> {
    let (_, _, family) =
        NUMBERED.iter().find(|(of, within, _)| (*of, *within) == (document, part))?;
    let number = line.split_once(". ")?.0.parse().ok()?;
    Some(Rule { family: (*family).into(), number })
}

/// Returns the rule whose name a text begins with.
fn rule(text: &str) -> Option<Rule> {
    let family = text.split(|of: char| !of.is_ascii_uppercase()).next()?;
    let rest = text.get(family.len()..)?.strip_prefix('-')?;
    let digits = rest.split(|of: char| !of.is_ascii_digit()).next()?;
    let number = digits.parse().ok()?;
    (!family.is_empty()).then(|| Rule { family: family.into(), number })
}

#[cfg(test)]
mod tests {
    use super::{Law, read};

    fn stated(document: &str, text: &str) -> Vec<String> {
        let mut law = Law::default();
        read(document, text, &mut law);
        law.rules.keys().map(ToString::to_string).collect()
    }

    #[test]
    fn rules_are_bold_or_begin_a_line_or_a_row() {
        let text = "- **SW-2** x. **SW-3** y, see SW-4.\nLS-4 Tags.\n| BUG-7 | z |\n| see LS-4 |\n";
        assert_eq!(stated("format", text), ["BUG-7", "LS-4", "SW-2", "SW-3"]);
    }

    #[test]
    fn numbered_items_are_rules_only_in_their_sections() {
        let text = "## A. x\n1. a\n## B. y\n### B1. z\n7. **b** c\n## F. w\n3. d\n";
        assert_eq!(stated("registry", text), ["F-3", "R-7"]);
        assert_eq!(stated("other", text), [""; 0]);
    }
}
