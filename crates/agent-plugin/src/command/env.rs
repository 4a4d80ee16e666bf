// SPDX-License-Identifier: Apache-2.0
//! Variables: which are read, and which are secrets (S-34, S-51, S-52). Names, never values.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::Analysis;
use crate::inventory::{EnvRead, Setting};
use crate::shell::{self, Simple};

/// Parts of names that tell a secret (S-52).
const SECRET_PARTS: [&str; 10] = [
    "PASSWD",
    "PASSPHRASE",
    "KEY",
    "AUTH",
    "COOKIE",
    "PAT",
    "DSN",
    "CREDENTIAL",
    "CREDENTIALS",
    "AUTHORIZATION",
];

/// Variables of the host and of every shell, which say nothing of a plugin.
const COMMON: [&str; 21] = [
    "CLAUDE_PLUGIN_ROOT",
    "CLAUDE_PLUGIN_DATA",
    "CLAUDE_PROJECT_DIR",
    "CLAUDE_SKILL_DIR",
    "PLUGIN_ROOT",
    "PLUGIN_DATA",
    "HOME",
    "PATH",
    "PWD",
    "OLDPWD",
    "USER",
    "SHELL",
    "TMPDIR",
    "IFS",
    "OSTYPE",
    "RANDOM",
    "SECONDS",
    "LINENO",
    "BASH_SOURCE",
    "HOSTNAME",
    "ARGUMENTS",
];

/// Whether a variable or header of that name holds a secret (S-52 a).
pub(crate) fn is_secret(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let mut parts = upper.split(|c: char| !c.is_ascii_alphanumeric());
    parts.any(|part| {
        SECRET_PARTS.contains(&part)
            || ["TOKEN", "SECRET", "PASSWORD", "APIKEY"].iter().any(|end| part.ends_with(end))
    })
}

/// Whether a text has the shape of a known kind of secret (S-52 b).
pub(crate) fn looks_secret(text: &str) -> bool {
    const PREFIXES: [(&[&str], usize); 4] = [
        (&["xoxa-", "xoxb-", "xoxp-", "xoxr-"], 10),
        (&["sk-", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"], 20),
        (&["AKIA", "glpat-"], 20),
        (&["AIza"], 30),
    ];
    text.split(|c: char| !is_part(c)).any(|word| {
        let known = |(prefixes, length): &(&[&str], usize)| {
            word.len() >= *length && prefixes.iter().any(|prefix| word.starts_with(prefix))
        };
        let is_jwt = word.starts_with("eyJ") && word.split('.').count() == 3 && word.len() > 40;
        (PREFIXES.iter().any(known) || is_jwt) && !is_placeholder(word)
    }) || text.contains("-----BEGIN") && text.contains("PRIVATE KEY-----")
}

/// Whether a character can stand in a secret.
fn is_part(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// Returns a text with every known kind of secret in it cut after four characters (S-52 b).
pub(crate) fn redact(text: &str) -> String {
    if !looks_secret(text) {
        return text.to_owned();
    }
    if text.contains("-----BEGIN") {
        return "----…".to_owned();
    }
    let mut out = String::new();
    for piece in text.split_inclusive(|c: char| !is_part(c)) {
        let word = piece.trim_end_matches(|c: char| !is_part(c));
        if looks_secret(word) {
            out.extend(word.chars().take(4).chain(['…']));
            out.push_str(piece.get(word.len()..).unwrap_or_default());
        } else {
            out.push_str(piece);
        }
    }
    out
}

/// Whether a value only stands for one: `YOUR_KEY`, `<token>`, `xxxx`.
pub(crate) fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let words = [
        "your",
        "example",
        "placeholder",
        "changeme",
        "change_me",
        "replace",
        "insert",
        "dummy",
        "xxx",
        "...",
        "test",
        "none",
        "todo",
        "redacted",
        "my-",
        "my_",
    ];
    value.len() < 6
        || value.starts_with(['<', '[', '{', '%'])
        || words.iter().any(|word| lower.contains(word))
        || value.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '0' | '-' | '.'))
        || matches!(lower.as_str(), "true" | "false" | "enabled" | "disabled" | "default")
        || lower.starts_with("http://")
        || lower.starts_with("https://")
        || lower.starts_with('/')
        || lower.starts_with("./")
        || lower.starts_with('~')
}

/// Variables that a script gives a value itself.
pub(super) fn assigned(simples: &[Simple]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for simple in simples {
        let program = simple.words.first().map(|word| word.text.as_str()).unwrap_or_default();
        for word in &simple.words {
            if let Some((name, _)) = word.assignment() {
                names.insert(name.to_owned());
            } else if matches!(program, "read" | "for" | "local" | "declare" | "mapfile" | "export")
                && shell::is_name(&word.text)
                && program != "export"
            {
                names.insert(word.text.clone());
            }
        }
    }
    names
}

/// Variables that a shell's text reads.
pub(super) fn shell_reads(text: &str, assigned: &BTreeSet<String>, analysis: &mut Analysis) {
    let mut single = false;
    let mut double = false;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if !single => drop(chars.next()),
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '$' if !single => {
                let rest = text.get(at + 1..).unwrap_or_default();
                if let Some(read) = variable(rest) {
                    note(read, assigned, analysis);
                }
            }
            _ => {}
        }
    }
}

/// Variables that the host puts into an argument: `${NAME}` and `${NAME:-default}` (S-51).
pub(crate) fn argument_reads(text: &str, analysis: &mut Analysis) {
    for read in braced(text) {
        note(read, &BTreeSet::new(), analysis);
    }
}

/// Variables and options of the user that the host puts into an argument.
pub(crate) fn argument(text: &str, analysis: &mut Analysis) {
    argument_reads(text, analysis);
    options(text, analysis);
}

/// Returns the `${NAME}` and `${NAME:-default}` in a text.
pub(crate) fn braced(text: &str) -> Vec<EnvRead> {
    let starts = text.match_indices("${");
    let names = starts.filter_map(|(at, _)| variable(text.get(at + 1..)?));
    names.filter(|read| !COMMON.contains(&read.name.as_str())).collect()
}

/// Returns the setting of a variable or header (S-52).
pub(crate) fn setting(name: &str, value: &str) -> Setting {
    let mut from: Vec<String> = braced(value).into_iter().map(|read| read.name).collect();
    from.sort();
    from.dedup();
    let effect = super::effect::of(name);
    let literal = !value.is_empty() && !value.contains('$');
    Setting {
        name: name.to_owned(),
        literal,
        effect,
        value: effect.map(|_| redact(value)),
        digest: (!value.is_empty()).then(|| Sha256::digest(value).into()),
        from,
        secret: is_secret(name),
    }
}

/// Returns the setting of a header: a name of a variable says nothing there.
pub(crate) fn header(name: &str, value: &str) -> Setting {
    Setting { effect: None, value: None, ..setting(name, value) }
}

/// Whether a value is a secret that stands in the file (S-52 b).
pub(crate) fn is_literal_secret(setting: &Setting, value: &str) -> bool {
    if looks_secret(value) {
        return true;
    }
    let mixed = value.contains(|c: char| c.is_ascii_digit())
        && value.contains(|c: char| c.is_ascii_alphabetic());
    setting.literal && setting.secret && mixed && value.len() >= 12 && !is_placeholder(value)
}

/// The options of the user in a text: `${user_config.KEY}` (S-34, S-69).
pub(super) fn options(text: &str, analysis: &mut Analysis) {
    analysis.options.extend(options_of(text));
}

/// Returns the keys of `${user_config.KEY}`.
pub(crate) fn options_of(text: &str) -> Vec<String> {
    let parts = text.split("${user_config.").skip(1);
    parts.filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
}

fn note(read: EnvRead, assigned: &BTreeSet<String>, analysis: &mut Analysis) {
    if !COMMON.contains(&read.name.as_str()) && !assigned.contains(&read.name) {
        analysis.usage.reads.push(read);
    }
}

/// Returns the variable whose name, or brace and name, the text starts with.
fn variable(text: &str) -> Option<EnvRead> {
    let inside = text.strip_prefix('{');
    let start = inside.unwrap_or(text);
    let start = start.strip_prefix("env:").unwrap_or(start);
    let length = start.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let (name, rest) = start.split_at(length.unwrap_or(start.len()));
    if !shell::is_name(name) || (name == "user_config" && rest.starts_with('.')) {
        return None;
    }
    let default = inside.and_then(|_| {
        let value = rest.strip_prefix(":-")?.split_once('}')?.0;
        Some(value.to_owned())
    });
    let secret = is_secret(name);
    Some(EnvRead { name: name.to_owned(), secret, default: default.filter(|_| !secret) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_shapes_of_secrets_s_52() {
        for name in
            ["GITHUB_TOKEN", "api-key", "Authorization", "DB_PAT", "OPENAI_API_KEY", "x-auth"]
        {
            assert!(is_secret(name), "{name}");
        }
        for name in ["PATH", "MONKEY", "AUTHOR", "KEYBOARD", "NODE_ENV", "PATTERN"] {
            assert!(!is_secret(name), "{name}");
        }
        assert!(looks_secret("Bearer ghp_abcdefghijklmnopqrstuvwxyz0123456789"));
        assert!(!looks_secret("sk-your-key-here-please-change"));
        assert!(!looks_secret("task-sk-management-of-everything"));
        assert!(is_placeholder("<your token>") && is_placeholder("****"));
    }

    #[test]
    fn variables_are_named_with_their_defaults_s_51() {
        let text = "echo $A ${B:-x y} '$C' \"$D\" \\$E $1 ${TOKEN:-t} $HOME; F=1; echo $F";
        let mut analysis = Analysis::default();
        shell_reads(text, &assigned(&shell::commands(text)), &mut analysis);
        let reads = analysis.usage.reads;
        let names: Vec<&str> = reads.iter().map(|read| read.name.as_str()).collect();
        assert_eq!(names, ["A", "B", "D", "TOKEN"]);
        assert_eq!(reads[1].default.as_deref(), Some("x y"));
        assert_eq!(reads[3].default, None, "a secret's default is a secret");
        let names: Vec<String> =
            braced("$A ${B} ${user_config.k}").into_iter().map(|r| r.name).collect();
        assert_eq!(names, ["B"]);
        assert_eq!(options_of("x ${user_config.k} ${user_config.l"), ["k"]);
    }
}
