// SPDX-License-Identifier: Apache-2.0
//! The result, for people: a line for each condition, what differs, what was not possible.

use super::Outcome;
use super::condition::Skipped;
use crate::Result;

pub(super) struct Table {
    cases: usize,
    conditions: usize,
    failed: usize,
}

impl Table {
    pub(super) fn new(cases: usize) -> Self {
        println!("{:<42} {:>9} {:>8}", "condition", "same", "seconds");
        Self { cases, conditions: 0, failed: 0 }
    }

    /// A line for that many of the cases.
    pub(super) fn row(&mut self, name: &str, cases: usize, outcome: &Outcome) {
        let same = cases.saturating_sub(outcome.failures.len());
        self.line(name, &format!("{same} of {cases}"), outcome);
    }

    /// A line for a comparison that is not of the cases.
    pub(super) fn line(&mut self, name: &str, same: &str, outcome: &Outcome) {
        println!("{name:<42} {same:>9} {:>8.1}", outcome.time.as_secs_f64());
        for failure in &outcome.failures {
            println!("    {failure}");
        }
        self.conditions += 1;
        self.failed += usize::from(!outcome.failures.is_empty());
    }

    pub(super) fn finish(self, skipped: &[Skipped]) -> Result<()> {
        for (name, reason) in skipped {
            println!("{name:<42} {:>9}  {reason}", "not run");
        }
        let Self { cases, conditions, failed } = self;
        if failed > 0 {
            return Err(format!(
                "verify: something differs or fails under {failed} of {conditions} conditions"
            )
            .into());
        }
        println!(
            "verify: {cases} cases give their golden digests under all {conditions} conditions; \
             {} were not possible here",
            skipped.len()
        );
        Ok(())
    }
}
