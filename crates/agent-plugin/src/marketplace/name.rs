// SPDX-License-Identifier: Apache-2.0
//! Names of catalogues (S-92).

use crate::check::name;
use oci_artifact::{Error, ErrorKind, Result};

/// Names that mean something else to the host, or belong to its vendor.
const RESERVED: [&str; 21] = [
    "agent-skills",
    "anthropic-agent-skills",
    "anthropic-marketplace",
    "anthropic-plugins",
    "builtin",
    "cargo",
    "claude-plugin-test",
    "gh",
    "github",
    "inline",
    "knowledge-work-plugins",
    "life-sciences",
    "npm",
    "org",
    "org-provisioned",
    "pip",
    "skills-dir",
    "synced",
    "unknown",
    "uv",
    "official",
];

/// The most bytes of a name.
const MAX_LENGTH: usize = 128;

/// Checks that a catalogue can be called so on every host.
///
/// # Errors
/// [`ErrorKind::InvalidOption`], with what is wrong.
pub fn check(catalogue: &str) -> Result<()> {
    let lower = catalogue.to_ascii_lowercase();
    let problem = if !name::is_installable(catalogue) {
        "has to begin with a letter or digit, followed by those and `.`, `_`, `-`"
    } else if catalogue.len() > MAX_LENGTH {
        "has more than 128 characters"
    } else if RESERVED.contains(&lower.as_str())
        || lower.starts_with("claudeai-")
        || name::is_reserved(&lower)
    {
        "is reserved by hosts"
    } else {
        return Ok(());
    };
    let message = format!("the name {catalogue:?} of the catalogue {problem}");
    Err(Error::new(ErrorKind::InvalidOption, message)
        .with_help("use lower-case words of your own, joined by hyphens"))
}

/// Returns the reason for which the host itself refuses a catalogue of that name (observed), as the end of a
/// sentence; less than [`check`] advises.
pub fn refused(catalogue: &str) -> Option<&'static str> {
    let lower = catalogue.to_ascii_lowercase();
    if !name::is_installable(catalogue) {
        Some("has to begin with a letter or digit, followed by those and `.`, `_`, `-`")
    } else if matches!(lower.as_str(), "inline" | "builtin" | "skills-dir" | "synced") {
        Some("means something else to the host")
    } else if name::OFFICIAL.contains(&lower.as_str()) {
        Some("looks like one of the host's vendor")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_of_catalogues_s_92() {
        for name in ["my-plugins", "A.b_c", &"x".repeat(128)] {
            check(name).expect(name);
        }
        for name in [
            "",
            "-x",
            "a b",
            "a..b",
            "é",
            "npm",
            "Inline",
            "claudeai-x",
            "claude-code-plugins",
            "claude-plugins-official",
            "unknown",
            &"x".repeat(129),
        ] {
            check(name).expect_err(name);
        }
    }
}
