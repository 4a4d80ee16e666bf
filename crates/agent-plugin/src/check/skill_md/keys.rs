// SPDX-License-Identifier: Apache-2.0
//! Keys of a SKILL.md's frontmatter: known, unknown, and nearly known.

use toolhive_frontmatter::quoted;

use super::Check;
use crate::Profile;
use crate::markdown::Entry;

/// The keys of the specification of Agent Skills.
const SPECIFIED: [&str; 6] =
    ["name", "description", "license", "allowed-tools", "metadata", "compatibility"];

/// Keys that hosts and ToolHive read besides.
const KNOWN: [&str; 15] = [
    "when_to_use",
    "argument-hint",
    "arguments",
    "disable-model-invocation",
    "user-invocable",
    "disallowed-tools",
    "model",
    "effort",
    "context",
    "agent",
    "hooks",
    "paths",
    "shell",
    "once",
    "version",
];

/// Returns all known keys.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    SPECIFIED.into_iter().chain(KNOWN)
}

/// A shorter key is too near to too many words.
const MIN_NEAR: usize = 7;

/// Reports keys that nobody reads: each that is nearly a known one, and the others together.
pub(super) fn check(check: &mut Check<'_>, entries: &[Entry<'_>]) {
    let is_strict = check.findings.profile() == Profile::Agentskills;
    let mut unknown = Vec::new();
    for entry in entries {
        if SPECIFIED.contains(&entry.key) {
            continue;
        }
        if is_strict {
            let message = format!("the specification has no key {}", quoted(entry.key));
            let help = "put it under `metadata:`, as text";
            check.tell("key-unknown-agentskills", entry.key_node, message, help);
        }
        if KNOWN.contains(&entry.key) || entry.key == "<<" {
            continue;
        }
        let is_taken = |known: &str| entries.iter().any(|entry| entry.key == known);
        match all().find(|known| is_near(entry.key, known) && !is_taken(known)) {
            Some(known) => {
                let message = format!("nothing reads {}", quoted(entry.key));
                check.tell("key-misspelt", entry.key_node, message, format!("write `{known}`"));
            }
            None => unknown.push(entry),
        }
    }
    if let Some(first) = unknown.first() {
        const NAMED: usize = 8;
        let mut named: Vec<String> =
            unknown.iter().take(NAMED).map(|entry| quoted(entry.key)).collect();
        if unknown.len() > NAMED {
            named.push(format!("{} more", unknown.len() - NAMED));
        }
        let message = format!("no known host reads {}", named.join(", "));
        let help = "that is fine for other tools; under `metadata:` every validator accepts it";
        check.tell("key-unknown-host", first.key_node, message, help);
    }
}

/// Whether a key is probably meant as the known one: the same but for case, hyphens and underscores,
/// or a letter away.
pub(super) fn is_near(key: &str, known: &str) -> bool {
    let plain = |text: &str| -> String {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
    };
    let (key, known) = (plain(key), plain(known));
    // Short keys count only where hardly anything differs.
    key == known || (known.len() >= MIN_NEAR && is_one_edit(key.as_bytes(), known.as_bytes()))
}

/// Whether one letter more, less, or another one, or two swapped, makes the one of the other.
fn is_one_edit(a: &[u8], b: &[u8]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let head = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let (short, long) =
        (short.get(head..).unwrap_or_default(), long.get(head..).unwrap_or_default());
    match (short, long) {
        ([], [_]) => true,
        (_, [_, rest @ ..]) if short.len() < long.len() => short == rest,
        ([_, x @ ..], [_, y @ ..]) if x == y => true,
        ([a, b, x @ ..], [c, d, y @ ..]) => (a, b) == (d, c) && x == y,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_near;

    #[test]
    fn key_misspelt_is_near_and_only_near() {
        for (key, known) in [
            ("user-invokable", "user-invocable"),
            ("user_invocable", "user-invocable"),
            ("allowedTools", "allowed-tools"),
            ("allowed_tools", "allowed-tools"),
            ("licence", "license"),
            ("discription", "description"),
            ("desciption", "description"),
            ("descriptions", "description"),
            ("verison", "version"),
            ("Name", "name"),
        ] {
            assert!(is_near(key, known), "{key}");
        }
        for (key, known) in [
            ("agents", "agent"),
            ("models", "model"),
            ("tools", "allowed-tools"),
            ("arguments", "argument-hint"),
            ("author", "paths"),
            ("path", "paths"),
            ("game", "name"),
            ("conversion", "version"),
        ] {
            assert!(!is_near(key, known), "{key}");
        }
    }
}
