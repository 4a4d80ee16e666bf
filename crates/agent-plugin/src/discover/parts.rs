// SPDX-License-Identifier: Apache-2.0
//! The manifest's fields that declare something: `network`, `types`, `experimental`.

use oci_artifact::json::{Kind, Value};

use super::builder::Builder;
use super::typed::{self, Is};
use crate::document;
use crate::files::Content;
use crate::path;

/// The keys that hosts know below `experimental`.
const EXPERIMENTAL: [&str; 4] = ["evals", "monitors", "themes", "$schema"];

/// Checks the value of a field, which has its type.
pub(super) fn check(builder: &mut Builder<'_>, field: &str, value: Value<'_>, file: &str) {
    match field {
        "experimental" => {
            known(builder, value, &EXPERIMENTAL, file);
            let themes = value.get("themes");
            let fits =
                |value: Value<'_>| value.kind() == Kind::String || document::texts(value).is_some();
            if let Some(themes) = themes.filter(|themes| !fits(*themes)) {
                let message = format!("themes may not be {}", themes.kind());
                builder.warn_of("field-type", message, file, themes);
            }
        }
        "author" => {
            for fault in typed::faults(value, &[("email", Is::Text), ("url", Is::Text)]) {
                builder.warn_of("field-type", format!("in the author, {fault}"), file, value);
            }
        }
        "network" => network(builder, value, file),
        "types" => types(builder, value, file),
        _ => {}
    }
}

/// The hosts that the plugin, or a server, declares.
pub(super) fn network(builder: &mut Builder<'_>, value: Value<'_>, file: &str) {
    if value.kind() != Kind::Object {
        builder.warn_of("field-ignored", "network is an object with hosts", file, value);
        return;
    }
    known(builder, value, &["hosts"], file);
    hosts(builder, value, file);
}

fn known(builder: &mut Builder<'_>, value: Value<'_>, known: &[&str], file: &str) {
    for member in value.members().filter(|member| !known.contains(&member.key.as_ref())) {
        let message = format!("no host knows the field {:?}", member.key);
        builder.warn_of("unknown-field", message, file, member.value);
    }
}

/// Hosts that the plugin says it reaches; hosts ask for them, and nothing holds it to them (S-109).
fn hosts(builder: &mut Builder<'_>, network: Value<'_>, file: &str) {
    let Some(list) = network.get("hosts") else {
        builder.warn_of("network-host", "there is no list of hosts", file, network);
        return;
    };
    if list.kind() != Kind::Array {
        builder.warn_of("network-host", "the hosts are not a list", file, list);
    }
    for host in list.elements() {
        let text = host.as_string().unwrap_or_default();
        if is_host(&text) {
            let declared = &mut builder.inventory.behaviour.network_hosts;
            if !declared.contains(&text) {
                declared.push(text);
            }
        } else {
            let message = format!("{text:?} is not a host, or more than one");
            builder.warn_of("network-host", message, file, host);
        }
    }
}

/// A host as the sandbox takes it [observed]: a name with a dot, `localhost`, or an IPv4 address; `*.`
/// before a name with a dot, a port behind either.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.rsplit_once(':') {
        // An address of IPv6 has colons of its own.
        Some((name, port)) if !text.ends_with(']') => (name, Some(port)),
        _ => (text, None),
    };
    let is_port = |port: &str| {
        port.chars().all(|c| c.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    if port.is_some_and(|port| !is_port(port)) {
        return false;
    }
    if let Some(address) = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let rest = name.strip_prefix("*.").unwrap_or(name);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let labels: Vec<&str> = rest.split('.').collect();
    if labels.iter().any(|label| label.is_empty() || !label.chars().all(plain)) {
        return false;
    }
    let last = labels.last().copied().unwrap_or_default();
    if last.chars().all(|c| c.is_ascii_digit()) {
        return rest == name && rest.parse::<std::net::Ipv4Addr>().is_ok();
    }
    labels.len() > 1 || name == "localhost"
}

/// The declaration file: it exports types, and nothing else.
fn types(builder: &mut Builder<'_>, value: Value<'_>, file: &str) {
    let text = value.as_string().unwrap_or_default();
    let problem = match path::component(&text) {
        Err((_, why)) => Some(why.to_owned()),
        Ok(path) if !path.ends_with(".d.ts") => Some("does not end with .d.ts".to_owned()),
        Ok(path) => match builder.files.content(&path) {
            None => Some("does not exist".to_owned()),
            Some(Content::Bytes(source)) => {
                contract(&super::modules::code(&String::from_utf8_lossy(source)))
            }
            Some(Content::TooLarge) => None,
        },
    };
    if let Some(problem) = problem {
        let message = format!("the declaration file {text:?} {problem}");
        builder.warn_of("types-file", message, file, value);
    }
}

/// Returns the fault of a declaration file, comments taken out: all it may have at its top are exported types and
/// interfaces, and an addition to the host's own module [observed].
fn contract(source: &str) -> Option<String> {
    const WORDS: [&str; 14] = [
        "abstract",
        "async",
        "class",
        "const",
        "declare",
        "enum",
        "export",
        "function",
        "import",
        "interface",
        "let",
        "namespace",
        "type",
        "var",
    ];
    let mut depth = 0_usize;
    for line in source.lines() {
        let is_top = depth == 0;
        for c in line.chars() {
            match c {
                '{' | '(' | '[' => depth += 1,
                '}' | ')' | ']' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        if !is_top || !WORDS.contains(&first) {
            continue;
        }
        let fine = match (first, words.next(), words.next()) {
            ("export", Some("type" | "interface"), Some(name)) => {
                name.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | '$'))
            }
            ("declare", Some("module"), Some(name)) => {
                name.trim_end_matches('{').trim_matches(['"', '\'']) == "claude-code"
            }
            _ => false,
        };
        if !fine {
            return Some(format!(
                "has {first:?} at its top level: it may export only types and interfaces"
            ));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn hosts_as_the_host_takes_them_s_109() {
        for text in [
            "api.example.com",
            "*.example.com",
            "d.example:443",
            "10.0.0.1",
            "localhost",
            "localhost:3000",
            "[::1]",
            "[::1]:80",
            "API.example.com",
            "-a.b",
            "a_b.c",
        ] {
            assert!(is_host(text), "{text}");
        }
        for text in [
            "https://x/",
            "*",
            "",
            "a b",
            "a/b",
            "*.",
            ".a",
            "intranet",
            "x:80",
            "::1",
            "*.x",
            "a.b.",
            "1.2.3",
            "x.y:99999",
            "x.y:0",
            "x.y:",
            "x.y:*",
            "*.*.a",
            "ä.b",
            "256.1.1.1",
            "*.localhost",
            "10.0.0.0/8",
            "a.b:80:90",
        ] {
            assert!(!is_host(text), "{text}");
        }
    }
}
