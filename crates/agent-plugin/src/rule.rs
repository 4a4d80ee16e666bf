// SPDX-License-Identifier: Apache-2.0
//! The rules, as data (plugin-surface.md, 6): what is checked, who else checks it, and how much it
//! matters under which profile.

mod table;

pub use table::RULES;

use crate::inventory::Severity;
use crate::profile::{Checker, Profile};

/// A rule that findings cite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Its name, in kebab case. It never changes its meaning.
    pub code: &'static str,
    /// The rule itself, as a sentence without a full stop.
    pub summary: &'static str,
    /// The rule of the specification: `S-7`, `PD-3`; empty if it is only in the table.
    pub number: &'static str,
    /// The programs that check the rule.
    pub checkers: &'static [Checker],
    /// The advice, where it is the same every time; else empty.
    pub advice: &'static str,
    /// The version of the host that does otherwise, and what it does; else empty.
    pub hosts: &'static str,
    severity: Severity,
    strict: &'static [Profile],
    only: Option<Profile>,
}

impl Rule {
    pub(crate) const fn new(
        code: &'static str,
        severity: Severity,
        checkers: &'static [Checker],
        number: &'static str,
        summary: &'static str,
    ) -> Self {
        let (advice, hosts, strict) = ("", "", &[]);
        Self { code, summary, number, checkers, advice, hosts, severity, strict, only: None }
    }

    /// Returns the rule with the versions of the host that decide it otherwise.
    pub(crate) const fn hosts(mut self, hosts: &'static str) -> Self {
        self.hosts = hosts;
        self
    }

    /// Returns the rule with the advice that fixes its findings.
    pub(crate) const fn advice(mut self, advice: &'static str) -> Self {
        self.advice = advice;
        self
    }

    /// Returns the rule as an error under those profiles.
    pub(crate) const fn error_for(mut self, profiles: &'static [Profile]) -> Self {
        self.strict = profiles;
        self
    }

    /// Returns the rule as one that counts under that profile only.
    pub(crate) const fn only(mut self, profile: Profile) -> Self {
        self.only = Some(profile);
        self
    }

    /// Returns the severity under a profile; `None` if it does not count.
    pub fn severity(&self, profile: Profile) -> Option<Severity> {
        if self.only.is_some_and(|only| only != profile) {
            return None;
        }
        Some(if self.strict.contains(&profile) { Severity::Error } else { self.severity })
    }
}

/// Returns the severity of a finding of that name under a profile; `None` if it does not count.
pub(crate) fn severity(code: &str, profile: Profile) -> Option<Severity> {
    find(code)?.severity(profile)
}

/// Returns the rule of that name.
pub fn find(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
        assert_eq!(codes.len(), RULES.len());
        for rule in RULES {
            let is_kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(rule.code.chars().all(is_kebab), "{}", rule.code);
            assert!(!rule.summary.ends_with('.') && !rule.summary.is_empty(), "{}", rule.code);
            assert!(!rule.checkers.is_empty(), "{}", rule.code);
        }
    }

    #[test]
    fn profiles_decide() {
        let of = |code: &str, profile| find(code).expect("is one").severity(profile);
        assert_eq!(of("thv-name", Profile::Claude), Some(Severity::Warning));
        assert_eq!(of("thv-name", Profile::Toolhive), Some(Severity::Error));
        assert_eq!(of("ap-name", Profile::Claude), None);
        assert_eq!(of("ap-name", Profile::AgentPlugins), Some(Severity::Error));
    }
}
