// SPDX-License-Identifier: Apache-2.0
//! Names: the forms that each reader takes.

use crate::unseen::is_bidi;

/// The vendor's words that a name may not begin with, or be (plugin-surface.md, 6.1).
const RESERVED_STARTS: [&str; 4] = ["claude-", "anthropic-", "anthropics-", "cc-plugin-"];
const RESERVED: [&str; 6] =
    ["claude", "anthropic", "anthropics", "claude-code", "claudecode", "claude-mods"];
/// Words that no name may hold, however they are joined.
pub(crate) const OFFICIAL: [&str; 4] =
    ["claude-official", "official-claude", "anthropic-official", "official-anthropic"];
const VENDOR: [&str; 3] = ["claude", "anthropic", "anthropics"];

/// Returns the fault of a name that should be lower-case words joined by hyphens, as the end of a
/// sentence about it; `None` if nothing is.
pub fn kebab(name: &str) -> Option<&'static str> {
    if name.chars().any(|c| c.is_ascii_uppercase()) {
        Some("has capital letters")
    } else if name.contains(char::is_whitespace) {
        Some("has blanks")
    } else if name.contains('_') {
        Some("has an underscore")
    } else if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        Some("has characters other than `a-z`, `0-9` and `-`")
    } else if name.starts_with('-') || name.ends_with('-') {
        Some("begins or ends with a hyphen")
    } else if name.contains("--") {
        Some("has two hyphens in a row")
    } else {
        None
    }
}

/// Returns the name as it could be: lower-case words joined by hyphens, at most 64 bytes; `None` if
/// nothing of it would be left.
pub fn suggested(name: &str) -> Option<String> {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.truncate(64);
    let name = out.trim_end_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}

/// Returns the reason for which the host refuses a plugin's name at all, as the end of a sentence.
pub fn plugin_characters(name: &str) -> Option<&'static str> {
    if name.contains(char::is_whitespace) {
        Some("has blanks")
    } else if name.chars().any(|c| c.is_control() || is_bidi(c)) {
        Some("has invisible characters")
    } else {
        None
    }
}

/// Whether a catalogue can list that name (S-92).
pub fn is_installable(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        && !name.contains("..")
}

/// Whether the host's vendor keeps that name for itself.
pub fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace(['_', '.'], "-");
    RESERVED.contains(&name.as_str())
        || RESERVED_STARTS.iter().any(|start| name.starts_with(start))
        || OFFICIAL.iter().any(|words| name.contains(words))
}

/// Whether a name begins with a vendor's word.
pub fn begins_with_vendor(name: &str) -> bool {
    let first = name.split('-').next().unwrap_or_default();
    VENDOR.contains(&first)
}

/// Whether Agent Plugins 1.0 takes that name.
pub fn is_agent_plugin(name: &str) -> bool {
    let is_end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    (1..=64).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c))
        && is_end(name.chars().next())
        && is_end(name.chars().next_back())
        && !name.contains("--")
        && !name.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_kebab_says_what_is_wrong() {
        assert_eq!(kebab("my-skill-2"), None);
        for (name, why) in [
            ("My", "capital"),
            ("a b", "blanks"),
            ("a_b", "underscore"),
            ("ä", "other than"),
            ("-a", "hyphen"),
            ("a-", "hyphen"),
            ("a--b", "two hyphens"),
        ] {
            assert!(kebab(name).is_some_and(|text| text.contains(why)), "{name}");
        }
        assert_eq!(suggested("  My Skill_(2)! ").as_deref(), Some("my-skill-2"));
        assert_eq!(suggested("日本"), None);
    }

    #[test]
    fn name_reserved_and_name_install() {
        for name in ["claude", "claude-x", "anthropic-tools", "my-claude-official", "Claude-Code"] {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["my-claude", "claudette", "official-guide", "anthropica"] {
            assert!(!is_reserved(name), "{name}");
        }
        assert!(is_installable("A.b_c-1") && !is_installable(".a") && !is_installable("a..b"));
        assert!(!is_installable("") && !is_installable("é"));
    }

    #[test]
    fn ap_name_grammar() {
        for name in ["a", "a.b-c", "0"] {
            assert!(is_agent_plugin(name), "{name}");
        }
        for name in ["", "A", "-a", "a.", "a--b", "a..b", "a_b"] {
            assert!(!is_agent_plugin(name), "{name}");
        }
        assert!(!is_agent_plugin(&"a".repeat(65)));
    }
}
