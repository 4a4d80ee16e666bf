// SPDX-License-Identifier: Apache-2.0
//! The trials of a target beside the golden digests: its program pushes and pulls, and tests run.

use std::ffi::OsString;
use std::process::Command;
use std::time::Instant;

use super::Outcome;
use crate::{Result, traffic, workspace};

/// Something that is tried, and has to succeed.
pub(super) enum Further {
    /// The program that these words start pushes to a registry that it serves itself, and pulls from it.
    Traffic(Vec<OsString>),
    /// Cargo runs the tests of a crate; or it cannot, and why.
    Tests(Result<Command, String>),
}

impl Further {
    /// Tries it. The word says in a table what came of it.
    pub(super) fn outcome(self) -> (String, Outcome) {
        let start = Instant::now();
        let (word, failures) = match self {
            Self::Traffic(words) => match traffic::run(&workspace::root(), &words) {
                Ok(()) => ("yes".into(), Vec::new()),
                Err(error) => ("no".into(), vec![error.to_string()]),
            },
            Self::Tests(cargo) => match cargo.map_err(Into::into).and_then(tested) {
                Ok(tests) => (format!("{tests} tests"), Vec::new()),
                Err(error) => ("no".into(), vec![error.to_string()]),
            },
        };
        (word, Outcome { failures, time: start.elapsed() })
    }
}

/// The number of tests that cargo ran, all of which passed.
fn tested(mut cargo: Command) -> Result<usize> {
    let output = cargo.output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    let tests = passed(&said);
    match output.status.success() && tests > 0 {
        true => Ok(tests),
        false => {
            let errors = String::from_utf8_lossy(&output.stderr);
            Err(format!("{tests} tests passed, but: {}\n{said}\n{errors}", output.status).into())
        }
    }
}

/// The number of tests that passed, as the lines `test result: ok. 3 passed; …` say.
fn passed(said: &str) -> usize {
    let number = |line: &str| {
        let (before, _) = line.strip_prefix("test result: ")?.split_once(" passed;")?;
        before.rsplit(' ').next()?.parse::<usize>().ok()
    };
    said.lines().filter_map(number).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_that_passed_are_counted_over_all_programs() {
        let said = "\nrunning 3 tests\n...\ntest result: ok. 3 passed; 0 failed; 0 ignored\n\n\
                    running 2 tests\r\ntest result: FAILED. 1 passed; 1 failed; 0 ignored\r\n";
        assert_eq!(passed(said), 4);
        assert_eq!(passed("test result: unclear\nno tests\n"), 0);
    }

    #[test]
    fn what_ran_no_test_is_no_success() {
        assert!(tested(Command::new("true")).is_err());
        let (word, outcome) = Further::Tests(Err("no compiler".into())).outcome();
        assert_eq!((word.as_str(), outcome.failures), ("no", vec!["no compiler".to_owned()]));
    }
}
