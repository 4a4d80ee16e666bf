// SPDX-License-Identifier: Apache-2.0
//! References to the plugin's files (S-37, S-38).

use crate::shell::closing_brace;

/// The base of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// The plugin's root.
    Plugin,
    /// The skill's directory.
    Skill,
    /// The plugin's data directory, which survives updates.
    Data,
    /// The user's project.
    Project,
    /// The user's home.
    Home,
}

/// A reference in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) base: Base,
    /// The path behind it, relative: no leading `/`, not normalised.
    pub(crate) path: String,
    /// Whether nothing but quotes stands before it.
    pub(crate) leads: bool,
    /// Whether the path goes on with something that only a shell knows.
    pub(crate) goes_on: bool,
    /// Whether it stands in double quotes.
    pub(crate) quoted: bool,
    /// Whether it is written as a shell of Windows would have it.
    pub(crate) windows: bool,
}

const NAMES: [(&str, Base); 7] = [
    ("CLAUDE_PLUGIN_ROOT", Base::Plugin),
    ("PLUGIN_ROOT", Base::Plugin),
    ("CLAUDE_SKILL_DIR", Base::Skill),
    ("CLAUDE_PLUGIN_DATA", Base::Data),
    ("PLUGIN_DATA", Base::Data),
    ("CLAUDE_PROJECT_DIR", Base::Project),
    ("HOME", Base::Home),
];

/// Returns the references in a text as it is written, quotes included.
pub(crate) fn references(raw: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    let mut quoted = false;
    let mut leads = true;
    let mut at = 0;
    while let Some(c) = raw.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = raw.get(at..).unwrap_or_default();
        if let Some((base, length, style)) = variable(rest) {
            let after = rest.get(length..).unwrap_or_default();
            let (path, goes_on) = tail(after, quoted, style);
            // `$ROOT-x` is not below the root.
            if path.is_empty() || path.starts_with('/') {
                let path = path.trim_start_matches('/').to_owned();
                let windows = style == Style::Windows;
                found.push(Reference { base, path, leads, goes_on, quoted, windows });
            }
            leads = false;
            at += length;
            continue;
        }
        match c {
            '"' => quoted = !quoted,
            '\'' => {}
            _ => leads = false,
        }
        at += c.len_utf8();
    }
    found
}

/// The style in which a variable is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Posix,
    Windows,
}

/// Returns the variable that the text starts with, and how many bytes that takes.
fn variable(text: &str) -> Option<(Base, usize, Style)> {
    match text.as_bytes().first()? {
        b'$' | b'%' => {}
        b'~' if text.starts_with("~/") => return Some((Base::Home, 1, Style::Posix)),
        _ => return None,
    }
    NAMES.into_iter().find_map(|(name, base)| {
        let braced = |open: &str| {
            let rest = text.strip_prefix(open)?.strip_prefix(name)?;
            let end = match rest.as_bytes().first()? {
                b'}' => 1,
                // `:-` and its like; the value may hold braces of its own.
                b':' | b'-' | b'=' | b'?' | b'+' => closing_brace(rest, 1)?,
                _ => return None,
            };
            Some(open.len() + name.len() + end)
        };
        let bare = |open: &str| {
            let rest = text.strip_prefix(open)?.strip_prefix(name)?;
            let goes_on = rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            (!goes_on).then_some(open.len() + name.len())
        };
        let percent = || {
            let rest = text.strip_prefix('%')?.strip_prefix(name)?.strip_prefix('%')?;
            Some(text.len() - rest.len())
        };
        let posix = braced("${").or_else(|| bare("$"));
        let windows = || braced("${env:").or_else(|| bare("$env:")).or_else(percent);
        match posix {
            Some(length) => Some((base, length, Style::Posix)),
            None => windows().map(|length| (base, length, Style::Windows)),
        }
    })
}

/// Returns the path that follows a reference, and whether it goes on with an expansion.
fn tail(text: &str, mut quoted: bool, style: Style) -> (String, bool) {
    let mut path = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            ' ' | '\t' | '\r' if !quoted => break,
            ';' | '|' | '&' | '<' | '>' | '(' | ')' | '\'' | '\n' => break,
            '`' | '$' => return (path, true),
            '%' if style == Style::Windows => return (path, true),
            // In double quotes, two stand for one.
            '\\' if quoted && chars.peek() == Some(&'\\') => {
                chars.next();
                path.push('/');
            }
            '\\' => match chars.peek() {
                Some(next) if style == Style::Windows || next.is_ascii_alphanumeric() => {
                    path.push('/');
                }
                _ => path.extend(chars.next()),
            },
            c => path.push(c),
        }
    }
    let goes_on = path.contains(['*', '?', '[', '{']);
    (path, goes_on)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(raw: &str) -> Vec<String> {
        references(raw).into_iter().map(|reference| reference.path).collect()
    }

    #[test]
    fn every_way_to_write_a_reference_s_37() {
        for raw in [
            "${CLAUDE_PLUGIN_ROOT}/a/b.sh",
            "$CLAUDE_PLUGIN_ROOT/a/b.sh",
            "${CLAUDE_PLUGIN_ROOT:-.}/a/b.sh",
            "${CLAUDE_PLUGIN_ROOT:?not set}/a/b.sh",
            "${CLAUDE_PLUGIN_ROOT-${X}}/a/b.sh",
            "$env:CLAUDE_PLUGIN_ROOT\\a\\b.sh",
            "${env:CLAUDE_PLUGIN_ROOT}/a/b.sh",
            "%CLAUDE_PLUGIN_ROOT%\\a\\b.sh",
            "${PLUGIN_ROOT}/a/b.sh",
            "\"${CLAUDE_PLUGIN_ROOT}\"/a/b.sh",
            "\"${CLAUDE_PLUGIN_ROOT}/a/b.sh\"",
            "\"$CLAUDE_PLUGIN_ROOT\"//a/b.sh;",
            "\"${CLAUDE_PLUGIN_ROOT}\\a\\b.sh\"",
            "\"${CLAUDE_PLUGIN_ROOT}\\\\a\\\\b.sh\"",
        ] {
            assert_eq!(paths(raw), ["a/b.sh"], "{raw}");
            assert!(references(raw)[0].leads, "{raw}");
        }
    }

    #[test]
    fn a_path_ends_where_the_word_ends_s_38() {
        assert_eq!(paths("\"${CLAUDE_PLUGIN_ROOT}/a b.sh\" c"), ["a b.sh"]);
        assert_eq!(paths("${CLAUDE_PLUGIN_ROOT}/a\\ b.sh c"), ["a b.sh"]);
        assert_eq!(paths("require('${CLAUDE_PLUGIN_ROOT}/a.js')"), ["a.js"]);
        assert_eq!(paths("${CLAUDE_PLUGIN_ROOT}"), [""]);
        assert_eq!(paths("${CLAUDE_PLUGIN_ROOT}-x ${CLAUDE_PLUGIN_ROOTS}/y"), [""; 0]);
        assert!(references("${CLAUDE_PLUGIN_ROOT}/hooks/$X.sh")[0].goes_on);
        assert!(references("${CLAUDE_PLUGIN_ROOT}/hooks/*.sh")[0].goes_on);
        assert!(!references("--dir=${CLAUDE_PLUGIN_ROOT}/x")[0].leads);
    }
}
