// SPDX-License-Identifier: Apache-2.0
//! Going on after a syntax error (DEV-4), for the sake of the other errors.

use std::ops::Range;

use super::Parsed;
use super::character::{Characters, is_blank, is_break};
use super::composer::compose;
use crate::Problem;
use crate::node::Document;

/// The most times that a text is read.
const MAX_ROUNDS: usize = 8;

/// Reads a text; wherever reading fails, once more without the entry where it failed.
pub(super) fn parse(mut characters: Characters, mut problems: Vec<Problem>) -> Parsed {
    let mut anchors_left_out = false;
    for _ in 0..MAX_ROUNDS {
        let composition = compose(characters);
        characters = composition.characters;
        let problem = match composition.document {
            Ok(document) => return Parsed { document, rest: composition.rest, problems },
            Err(problem) => problem,
        };
        let failed = entry_around(&characters, characters.index_of(problem.span.start));
        if problem.rule != "frontmatter-alias" || !anchors_left_out {
            problems.push(problem);
        }
        if characters.slice(failed.clone()).all(|c| c == ' ' || is_break(c)) {
            break;
        }
        anchors_left_out |= characters.slice(failed.clone()).any(|c| c == '&');
        characters.blank(failed);
    }
    Parsed { document: Document::default(), rest: None, problems }
}

/// Returns the lines from the last one at or before `at` that starts a key at the left margin to
/// the next such line.
fn entry_around(characters: &Characters, at: usize) -> Range<usize> {
    let starts_entry = |index: usize| {
        let at_margin = index == 0 || is_break(characters.get(index - 1));
        let c = characters.get(index);
        at_margin && !is_blank(c) && !is_break(c) && !matches!(c, '#' | '-' | ']' | '}')
    };
    let end = characters.len();
    let first = (0..=at.min(end)).rev().find(|index| starts_entry(*index)).unwrap_or(0);
    let next = (at.saturating_add(1)..end).find(|index| starts_entry(*index)).unwrap_or(end);
    first..next
}
