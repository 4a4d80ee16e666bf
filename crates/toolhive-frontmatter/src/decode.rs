// SPDX-License-Identifier: Apache-2.0
//! A tree's nodes as values: texts, lists of texts, and the fields of mappings.
//!
//! These are the reference's rules for decoding into strings (FM-17 to FM-20): a scalar keeps
//! the text that was written, whatever type another reader would give it.

mod budget;
mod core_type;
mod fields;
mod scalar;

pub use core_type::is_plain_text;
pub use fields::{Field, Keys};

use crate::node::{Content, Kind, Node, Sequence, Style};
use crate::{Problem, Text, quoted};
use budget::Budget;

/// The most problems that are kept.
const MAX_PROBLEMS: usize = 1_000;

/// Decodes nodes of one document, gathers what is wrong, and counts the work that aliases cause.
#[derive(Debug, Default)]
pub struct Decoder {
    problems: Vec<Problem>,
    budget: Budget,
}

impl Decoder {
    /// Creates a decoder that has found nothing wrong so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a problem. After the first thousand no more are kept: merges could repeat one
    /// without end.
    pub fn refuse(&mut self, problem: Problem) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    /// Returns the problems, in the order in which they were found.
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// Returns the text of a scalar (FM-20), aliases followed; `None` for null, and for what is no
    /// text, which is a problem.
    pub fn text(&mut self, node: Node<'_>) -> Option<Text> {
        self.text_below(node, 0, "a key or an item")
    }

    /// Returns the text of a field's value.
    pub fn field_text(&mut self, field: &Field<'_>) -> Option<Text> {
        self.text_below(field.value, field.aliases, &quoted(&field.key))
    }

    /// Returns the node that is a field's value, aliases followed; `None` if that was too much
    /// work.
    pub fn field_value<'d>(&mut self, field: &Field<'d>) -> Option<Node<'d>> {
        self.follow(field.value, field.aliases)
    }

    /// Returns the texts of a sequence's items (FM-24): null ones are left out, empty ones are
    /// kept. They are counted on their own, as the reference does.
    pub fn texts(&mut self, items: Sequence<'_>) -> Vec<Text> {
        let mut decoder = Self::new();
        let texts = items.iter().filter_map(|item| decoder.text(item)).collect();
        decoder.problems.into_iter().for_each(|problem| self.refuse(problem));
        texts
    }

    fn text_below(&mut self, node: Node<'_>, aliases: usize, what: &str) -> Option<Text> {
        let target = self.follow(node, aliases)?;
        let decoded = match target.content() {
            Content::Scalar(text, style) => scalar::decode(text, style, target.tag())
                .map_err(|message| Problem::new("frontmatter-tag", message, node.span())),
            _ => Err(not_a_text(node, what)),
        };
        decoded.map_err(|problem| self.refuse(problem)).ok().flatten()
    }

    /// Returns the node, or what its alias means.
    fn follow<'d>(&mut self, node: Node<'d>, aliases: usize) -> Option<Node<'d>> {
        self.spend(node, aliases)?;
        if node.kind() == Kind::Alias {
            self.spend(node, aliases + 1)?;
        }
        Some(node.target())
    }

    /// Counts a step at that node, inside that many aliases.
    fn spend(&mut self, node: Node<'_>, aliases: usize) -> Option<()> {
        let was_spent = self.budget.is_spent();
        self.budget.spend(aliases);
        if !self.budget.is_spent() {
            return Some(());
        }
        if !was_spent {
            let message = "aliases expand to too much of this document";
            self.refuse(Problem::new("frontmatter-alias", message, node.span()));
        }
        None
    }
}

/// Whether a node is null, that is, absent (FM-20). Aliases are followed.
pub fn is_null(node: Node<'_>) -> bool {
    match node.target().content() {
        Content::Scalar(text, style) => {
            matches!(scalar::decode(text, style, node.target().tag()), Ok(None))
        }
        _ => false,
    }
}

fn not_a_text(node: Node<'_>, what: &str) -> Problem {
    let message = format!("{what} must be text, but is {}", node.target().kind().as_str());
    Problem::new("frontmatter-type", message, node.span())
        .with_help("put the value in quotes if it is meant as text")
}

/// Whether a key is a merge key (FM-19).
fn is_merge(key: Node<'_>) -> bool {
    match (key.content(), key.tag()) {
        (Content::Scalar("<<", style), None | Some("!")) => style == Style::Plain,
        (Content::Scalar("<<", _), Some("!!merge")) => true,
        _ => false,
    }
}
