// SPDX-License-Identifier: Apache-2.0
//! Variables of a script that stand for a place of the plugin: `ROOT="${CLAUDE_PLUGIN_ROOT}"`.

use super::reference::{Base, references};
use crate::shell::Simple;

/// The largest number of bytes of a value beyond which it is not put in.
const MOST: usize = 200;
/// The largest number of variables of a script that are examined.
const MAX_ALIASES: usize = 16;

/// Returns the text with each such variable replaced by its value; `None` if there are none.
pub(super) fn replace(text: &str, simples: &[Simple]) -> Option<String> {
    let words = simples.iter().flat_map(|simple| &simple.words);
    let assignments = words.filter_map(|word| word.assignment());
    let aliases: Vec<(&str, &str)> =
        assignments.filter(|(_, value)| is_place(value)).take(MAX_ALIASES).collect();
    if aliases.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        match aliases.iter().find_map(|(name, value)| Some((value, after(from, name)?))) {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('$');
                rest = from.strip_prefix('$').unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    Some(out)
}

/// Whether a value is a place in the plugin, or in its data directory, and nothing else.
fn is_place(value: &str) -> bool {
    let found = references(value);
    let mut found = found.iter().filter(|found| matches!(found.base, Base::Plugin | Base::Data));
    let is_one = found.next().is_some_and(|found| found.leads && !found.goes_on);
    let is_plain = !value.contains(['`', '(', ' ', ';', '|', '&', '\n', '\'', '"', '\\']);
    is_one && is_plain && found.next().is_none() && value.len() < MOST
}

/// Returns the text behind the variable that it starts with, if it is that one.
fn after<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let rest = text.strip_prefix('$')?;
    if let Some(rest) = rest.strip_prefix('{') {
        return rest.strip_prefix(name)?.strip_prefix('}');
    }
    let rest = rest.strip_prefix(name)?;
    (!rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::commands;

    #[test]
    fn a_variable_that_stands_for_the_root_s_38() {
        let replaced = |text| replace(text, &commands(text));
        assert_eq!(
            replaced("R=\"${CLAUDE_PLUGIN_ROOT}/lib\"; sh \"$R/a.sh\" ${R} $RS").as_deref(),
            Some(
                "R=\"${CLAUDE_PLUGIN_ROOT}/lib\"; sh \"${CLAUDE_PLUGIN_ROOT}/lib/a.sh\" ${CLAUDE_PLUGIN_ROOT}/lib $RS"
            )
        );
        for text in ["R=x; sh $R", "R=$(cat ${CLAUDE_PLUGIN_ROOT}/x); sh $R", "sh $R"] {
            assert_eq!(replaced(text), None, "{text}");
        }
    }
}
