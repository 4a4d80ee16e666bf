// SPDX-License-Identifier: Apache-2.0
//! Names and values, in lines that fit a terminal.

use super::text::{CONTINUED, harmless, wrapped};

/// Narrower than this a value does not stand beside its name.
const LEAST: usize = 30;
const GAP: usize = 2;

/// A line for each name and its value, the values in one column. A value that is too long goes on below; one
/// with a word that the column cannot hold, such as a digest, begins there. Values may be outside text.
pub(crate) fn facts(facts: &[(String, String)], columns: usize) -> String {
    let longest = facts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let column = longest.saturating_add(GAP);
    let beside = columns.saturating_sub(column).max(LEAST);
    let mut lines = Vec::new();
    for (name, value) in facts {
        let (name, value) = (harmless(name), harmless(value));
        if value.split(' ').all(|word| word.chars().count() <= beside) {
            let mut name = name.as_str();
            for line in wrapped(&value, beside) {
                lines.push(format!("{name:<column$}{line}"));
                name = "";
            }
            continue;
        }
        lines.push(name);
        // What follows a digest does not stand half beside it.
        let (first, rest) = match value.split_once(' ') {
            Some((first, rest)) => (first, Some(format!("{CONTINUED}{rest}"))),
            None => (value.as_str(), None),
        };
        for part in std::iter::once(first).chain(rest.as_deref()) {
            let part = wrapped(part, columns.saturating_sub(GAP));
            lines.extend(part.iter().map(|line| format!("{:GAP$}{line}", "")));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_beside_their_names_or_below_and_nothing_is_lost() {
        let fact = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let digest = format!("sha256:{}", "0".repeat(64));
        let all = [
            fact("Name", "x"),
            fact("Description", &"word ".repeat(30)),
            fact("Index", &digest),
            fact("Layer", &format!("{digest} (1.2 KiB)")),
        ];
        let wide = facts(&all, usize::MAX);
        assert!(wide.lines().count() == 4 && wide.contains(&format!("\nIndex        {digest}")));
        let narrow = facts(&all, 80);
        assert!(narrow.lines().all(|line| line.chars().count() <= 80), "{narrow}");
        let below = format!("\nIndex\n  {digest}\nLayer\n  {digest}\n  ↳ (1.2 KiB)");
        assert!(narrow.ends_with(&below), "{narrow}");
        assert!(narrow.contains("\nDescription  word word"), "{narrow}");
        assert_eq!((narrow.matches("word").count(), narrow.matches(&digest).count()), (30, 2));
    }
}
