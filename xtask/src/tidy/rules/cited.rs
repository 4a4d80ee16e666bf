// SPDX-License-Identifier: Apache-2.0
//! Rules and sections that a line of code or prose cites.

use std::collections::BTreeSet;

use super::Rule;

/// Returns the rules that a line cites: as `TAR-7`, as a range (`TAR-7 to TAR-9`, `TAR-7..9`), or
/// in a function's name (`members_are_sorted_tar_1`).
pub(super) fn rules(line: &str, families: &BTreeSet<&str>) -> Vec<Rule> {
    let mut found = Vec::new();
    for (at, word) in words(line) {
        found.extend(named(word, families));
        let Some(rule) = numbered(line, at, word, families) else { continue };
        let start = at + word.len() + 1;
        let rest = line.get(start + digits(line, start).len()..).unwrap_or_default();
        found.extend(
            (rule.number..=range_end(rest, word).unwrap_or(rule.number))
                .map(|number| Rule { number, ..rule.clone() }),
        );
    }
    found
}

/// Returns the last number of a range of a family's rules, from the text behind its first one.
fn range_end(rest: &str, family: &str) -> Option<u32> {
    let to = [" to ", "..", "\u{2013}"].iter().find_map(|between| rest.strip_prefix(between))?;
    let to = to.strip_prefix(family).and_then(|to| to.strip_prefix('-')).unwrap_or(to);
    digits(to, 0).parse().ok()
}

/// Returns the sections that a line cites, each with its document: `format.md 10.4`, `` `cli.md`, section 2 ``.
pub(super) fn sections(line: &str) -> Vec<(&str, &str)> {
    let cited = line.match_indices(".md").filter_map(|(at, mark)| {
        let document = line.get(..at)?.rsplit(|of: char| !is_name(of)).next()?;
        let rest = line.get(at + mark.len()..)?;
        let rest = rest.trim_start_matches(['`', ',', ' ', ')']);
        let rest = rest.strip_prefix("section ").or_else(|| rest.strip_prefix('§')).unwrap_or(rest);
        let end = rest.find(|of: char| !of.is_ascii_digit() && of != '.').unwrap_or(rest.len());
        let number = rest.get(..end)?.trim_end_matches('.');
        // A number of things, or a year, is no section.
        let is_one = !number.is_empty() && number.len() < 6;
        is_one.then_some((document, number))
    });
    cited.collect()
}

/// Returns the name of a function that the line begins, if a rule's number stands first in it: `tar_7_sorted`, or the
/// rest of such a name, `and_8_sorted_tar_7`.
pub(super) fn led_by_rule<'l>(line: &'l str, families: &BTreeSet<&str>) -> Option<&'l str> {
    let rest = line.trim_start();
    let rest = ["pub(crate) ", "pub(super) ", "pub ", "async "]
        .into_iter()
        .fold(rest, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
    let (_, name) = words(rest.strip_prefix("fn ")?).next()?;
    let mut parts = name.split('_');
    let (first, number) = (parts.next()?, parts.next()?);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let leads = matches!(first, "and" | "or" | "to")
        || families.contains(first.to_ascii_uppercase().as_str());
    (is_number && leads).then_some(name)
}

fn is_name(of: char) -> bool {
    of.is_ascii_alphanumeric() || of == '-'
}

/// The runs of letters, digits and `_` of a line, each with its place.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |of: char| of.is_ascii_alphanumeric() || of == '_';
    line.split(move |of| !is_part(of))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr().addr() - line.as_ptr().addr(), word))
}

/// Returns the rule whose family is the word at a place, and whose number follows it.
fn numbered(line: &str, at: usize, word: &str, families: &BTreeSet<&str>) -> Option<Rule> {
    let end = at + word.len();
    if !families.contains(word) || line.as_bytes().get(end) != Some(&b'-') {
        return None;
    }
    // `PULL-V1` and `x-TAR-1` are other things.
    let before = line.get(..at)?.chars().next_back();
    let number = digits(line, end + 1).parse().ok()?;
    (before != Some('-')).then(|| Rule { family: word.into(), number })
}

fn digits(text: &str, from: usize) -> &str {
    let rest = text.get(from..).unwrap_or_default();
    let end = rest.find(|of: char| !of.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

/// Returns the rules in an identifier: a family in small letters and a number, as parts of it.
fn named(word: &str, families: &BTreeSet<&str>) -> Vec<Rule> {
    let parts: Vec<&str> = word.split('_').collect();
    let pairs = parts.windows(2).filter_map(|pair| {
        let [family, number] = pair else { return None };
        let is_small = family.bytes().all(|byte| byte.is_ascii_lowercase());
        let family = family.to_ascii_uppercase();
        let number = number.parse().ok().filter(|_| is_small)?;
        families.contains(family.as_str()).then_some(Rule { family, number })
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::{rules, sections};

    fn found(line: &str) -> Vec<String> {
        let mut found = rules(line, &["TAR", "R", "BUG"].into());
        found.sort();
        found.dedup();
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn rules_are_found_in_prose_ranges_and_names() {
        assert_eq!(found("as (TAR-7, R-12) says; BUG-19: refuse"), ["BUG-19", "R-12", "TAR-7"]);
        assert_eq!(found("TAR-2 to TAR-4"), ["TAR-2", "TAR-3", "TAR-4"]);
        assert_eq!(found("TAR-2..4"), ["TAR-2", "TAR-3", "TAR-4"]);
        assert_eq!(found("fn and_it_is_kept_r_70_bug_19() {"), ["BUG-19", "R-70"]);
    }

    #[test]
    fn what_only_looks_like_a_rule_is_not_one() {
        assert_eq!(found("UTF-8, SHA-256, x-TAR-1, STAR-1, R-x, Bar_7"), [""; 0]);
    }

    #[test]
    fn sections_follow_a_document_s_name() {
        assert_eq!(
            sections("see format.md 10.4, and `cli.md`, section 2."),
            [("format", "10.4"), ("cli", "2")]
        );
        assert_eq!(sections("README.md and store.md say"), []);
    }
}
