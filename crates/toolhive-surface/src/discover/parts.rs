// SPDX-License-Identifier: Apache-2.0
//! What stands inside the manifest's fields that declare something: `network`, `types`, `experimental`.

use oci_artifact::json::{Kind, Value};

use super::builder::Builder;
use crate::document;
use crate::files::Content;
use crate::path;

/// What hosts know below `experimental`.
const EXPERIMENTAL: [&str; 3] = ["monitors", "themes", "$schema"];

/// Checks the value of a field, which has its type.
pub(super) fn check(builder: &mut Builder<'_>, field: &str, value: Value<'_>, file: &str) {
    match field {
        "experimental" => known(builder, value, &EXPERIMENTAL, file),
        "network" => {
            known(builder, value, &["hosts"], file);
            hosts(builder, value, file);
        }
        "types" => types(builder, value, file),
        _ => {}
    }
}

fn known(builder: &mut Builder<'_>, value: Value<'_>, known: &[&str], file: &str) {
    for member in value.members().filter(|member| !known.contains(&member.key.as_ref())) {
        let line = builder.line(member.value);
        let message = format!("no host knows the field {:?}", member.key);
        builder.warn_at("unknown-field", message, file, line, None);
    }
}

/// Hosts that the plugin says it reaches; hosts ask for them, and nothing holds it to them (S-109).
fn hosts(builder: &mut Builder<'_>, network: Value<'_>, file: &str) {
    let Some(list) = network.get("hosts") else { return };
    if list.kind() != Kind::Array {
        let line = builder.line(list);
        builder.warn_at("network-host", "the hosts are not a list", file, line, None);
    }
    for host in list.elements() {
        let text = host.as_string().unwrap_or_default();
        if is_host(&text) {
            let declared = &mut builder.inventory.behaviour.network_hosts;
            if !declared.contains(&text) {
                declared.push(text);
            }
        } else {
            let line = builder.line(host);
            let message = format!("{text:?} is no host, or not only one");
            builder.warn_at("network-host", message, file, line, None);
        }
    }
}

/// A host's name or address, with `*.` before it or a port behind it.
fn is_host(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:[]_".contains(c);
    !name.is_empty() && name.chars().all(plain) && !name.starts_with('.') && !name.ends_with('.')
}

/// The declaration file: it exports types, and nothing else.
fn types(builder: &mut Builder<'_>, value: Value<'_>, file: &str) {
    let line = builder.line(value);
    let text = value.as_string().unwrap_or_default();
    let problem = match path::component(&text) {
        Err((_, why)) => Some(why.to_owned()),
        Ok(path) if !path.ends_with(".d.ts") => Some("does not end with .d.ts".to_owned()),
        Ok(path) => match builder.files.content(&path) {
            None => Some("is not there".to_owned()),
            Some(Content::Bytes(source)) => {
                let source = String::from_utf8_lossy(source);
                let exports = |line: &str| {
                    let rest = line.strip_prefix("export")?;
                    let rest = rest.trim_start();
                    let is_type = rest.starts_with("type ") || rest.starts_with("interface ");
                    (!is_type).then_some(())
                };
                source
                    .lines()
                    .any(|line| exports(line).is_some())
                    .then(|| "exports more than types and interfaces".to_owned())
            }
            Some(Content::TooLarge) => None,
        },
    };
    if let Some(problem) = problem {
        let message = format!("the declaration file {text:?} {problem}");
        builder.warn_at("types-file", message, file, line, None);
    }
}

/// Whether a value is a list of texts.
pub(super) fn is_texts(value: Value<'_>) -> bool {
    document::texts(value).is_some()
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn hosts_as_the_host_takes_them_s_109() {
        for text in ["api.example.com", "*.example.com", "d.example:443", "10.0.0.1", "localhost"] {
            assert!(is_host(text), "{text}");
        }
        for text in ["https://x/", "*", "", "a b", "a/b", "API.example.com", "*.", ".a"] {
            assert!(!is_host(text), "{text}");
        }
    }
}
