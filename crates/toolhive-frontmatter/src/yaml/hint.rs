// SPDX-License-Identifier: Apache-2.0
//! Advice for the commonest mistake: a value that should have been quoted.

use super::character::{Characters, is_blank};
use crate::Problem;

/// The longest value that is shown again, in characters.
const MAX_SHOWN: usize = 160;

/// Returns the problem with the advice to quote the value on the line of the character at `at`,
/// shown as it should be.
pub(super) fn quote(problem: Problem, characters: &Characters, at: usize) -> Problem {
    match quoted(&characters.line_around(at)) {
        Some(line) => problem.with_help(format!("put the whole value in quotes: `{line}`")),
        None => problem.with_help("put the whole value in quotes"),
    }
}

/// `key: value` with the value in double quotes.
fn quoted(line: &[char]) -> Option<String> {
    let colon = line.windows(2).position(|pair| matches!(pair, [':', c] if is_blank(*c)))?;
    let (key, value) = line.split_at_checked(colon + 1)?;
    let value: String = value.iter().collect();
    let value = value.trim();
    if value.is_empty() || value.chars().count() > MAX_SHOWN {
        return None;
    }
    // What is in quotes was meant to be quoted as a whole.
    let inside = ['"', '\''].into_iter().find_map(|quote| {
        let inside = value.strip_prefix(quote)?.strip_suffix(quote)?;
        (!inside.is_empty()).then_some(inside)
    });
    let text = inside.unwrap_or(value).replace('\\', "\\\\").replace('"', "\\\"");
    let key: String = key.iter().collect();
    Some(format!("{} \"{text}\"", key.trim_start()))
}
