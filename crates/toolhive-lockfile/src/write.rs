// SPDX-License-Identifier: Apache-2.0
//! A lock file to bytes: those of `yaml.v3` (lock.md, 2.3).

mod order;
mod scalar;

use oci_artifact::{Diagnostic, Error, ErrorKind, Result};

use crate::graph;
use crate::model::{Entry, LockFile, Provenance};
use crate::read::{MAX_ENTRIES, MAX_SIZE};
use crate::rules::{self, Field};
use crate::value::{MAX_DEPTH, MAX_KEY, Scalar, Type, Value, is_key};

/// Writes a lock file. Lists are sorted; comments that a file had are lost, as in the reference.
///
/// # Errors
/// [`ErrorKind::InvalidDocument`] if it breaks a rule of the file: nothing that could not be read again is ever
/// written. [`ErrorKind::TooLarge`] past the limits of the reader.
pub fn write(lock: &LockFile) -> Result<String> {
    let mut root = vec![(Scalar::text("version"), other("1"))];
    let (skills, plugins) = (list("skills", &lock.skills)?, list("plugins", &lock.plugins)?);
    if lock.skills.len().saturating_add(lock.plugins.len()) > MAX_ENTRIES {
        let message = format!("a lock file has at most {MAX_ENTRIES} entries");
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    root.extend(skills);
    root.extend(plugins);
    let rest = kept(&lock.other, &["version", "skills", "plugins"], 0)?;
    root.extend(rest);
    let mut out = String::new();
    write_value(&Value::Map(root), 0, &mut out);
    out.push('\n');
    if out.len() > MAX_SIZE {
        let message = format!("the lock file would have more than {MAX_SIZE} bytes");
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    Ok(out)
}

/// Returns a list of entries with its key, unless it is empty.
fn list(key: &str, entries: &[Entry]) -> Result<Option<(Scalar, Value)>> {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    let mut refusals = Vec::new();
    for entry in &sorted {
        refusals.extend(rules::check(entry).into_iter().map(|why| (&entry.name, why.message)));
    }
    let twice = sorted.windows(2).filter_map(|pair| match pair {
        [a, b] if a.name == b.name => Some((&b.name, "the name is there twice".to_owned())),
        _ => None,
    });
    refusals.extend(twice);
    let graph = graph::check(entries).into_iter();
    refusals.extend(graph.filter_map(|(at, why)| Some((&entries.get(at)?.name, why))));
    if !refusals.is_empty() {
        let diagnostics = refusals
            .into_iter()
            .map(|(name, why)| Diagnostic::new(format!("{key}: {name}: {why}")))
            .collect();
        return Err(Error::from_diagnostics(ErrorKind::InvalidDocument, diagnostics));
    }
    let items: Vec<Value> = sorted.into_iter().map(entry).collect::<Result<_>>()?;
    Ok((!items.is_empty()).then(|| (Scalar::text(key), Value::List(items))))
}

fn entry(entry: &Entry) -> Result<Value> {
    let mut pairs = Pairs::default();
    pairs.always(Field::Name, &entry.name);
    pairs.text(Field::Version, &entry.version);
    pairs.always(Field::Source, &entry.source);
    pairs.text(Field::ResolvedReference, &entry.resolved_reference);
    pairs.always(Field::Digest, &entry.digest);
    pairs.text(Field::ContentDigest, &entry.content_digest);
    if let Some(provenance) = &entry.provenance {
        pairs.value(Field::Provenance, self::provenance(provenance)?);
    }
    if entry.unsigned {
        pairs.value(Field::Unsigned, other("true"));
    }
    if !entry.required_by.is_empty() {
        let names = entry.required_by.iter().map(|name| Value::Scalar(Scalar::text(name)));
        pairs.value(Field::RequiredBy, Value::List(names.collect()));
    }
    if entry.explicit {
        pairs.value(Field::Explicit, other("true"));
    }
    pairs.rest(&entry.other, Field::ENTRY)
}

fn provenance(of: &Provenance) -> Result<Value> {
    let mut pairs = Pairs::default();
    pairs.text(Field::SignerIdentity, &of.signer_identity);
    pairs.text(Field::CertIssuer, &of.cert_issuer);
    pairs.text(Field::RepositoryUri, &of.repository_uri);
    pairs.text(Field::RepositoryRef, &of.repository_ref);
    pairs.text(Field::RunnerEnvironment, &of.runner_environment);
    pairs.text(Field::SigstoreUrl, &of.sigstore_url);
    if let Some(provisional) = &of.provisional {
        pairs.value(Field::Provisional, Value::Scalar(provisional.clone()));
    }
    pairs.text(Field::PublicKey, &of.public_key);
    pairs.rest(&of.other, Field::PROVENANCE)
}

/// Returns a number or a truth value.
fn other(text: &str) -> Value {
    Value::Scalar(Scalar { text: text.to_owned(), is: Type::Other })
}

/// A mapping in the making, in the order of its keys.
#[derive(Default)]
struct Pairs(Vec<(Scalar, Value)>);

impl Pairs {
    fn value(&mut self, field: Field, value: Value) {
        self.0.push((Scalar::text(field.as_str()), value));
    }

    fn always(&mut self, field: Field, text: &str) {
        self.value(field, Value::Scalar(Scalar::text(text)));
    }

    fn text(&mut self, field: Field, text: &str) {
        if !text.is_empty() {
            self.always(field, text);
        }
    }

    fn rest(mut self, other: &[(Scalar, Value)], known: &[(Field, &str)]) -> Result<Value> {
        let known: Vec<&str> = known.iter().map(|(_, key)| *key).collect();
        self.0.extend(kept(other, &known, 0)?);
        Ok(Value::Map(self.0))
    }
}

/// Unknown keys, sorted, unless one is known or could not be read again.
fn kept(pairs: &[(Scalar, Value)], known: &[&str], depth: usize) -> Result<Vec<(Scalar, Value)>> {
    let refused = |why: String| Err(Error::new(ErrorKind::InvalidDocument, why));
    let mut sorted = Vec::with_capacity(pairs.len());
    for (key, value) in pairs {
        if !is_key(&key.text) {
            return refused(format!(
                "an unknown key has more than {MAX_KEY} bytes or a line break"
            ));
        }
        if known.contains(&key.text.as_str()) {
            return refused(format!("`{}` is not an unknown key", key.text));
        }
        sorted.push((key.clone(), kept_value(value, depth)?));
    }
    let sorted = order::sort(sorted);
    let is_twice = |pair: &[(Scalar, Value)]| matches!(pair, [a, b] if a.0.text == b.0.text);
    if sorted.windows(2).any(is_twice) {
        return refused("an unknown key is there twice".to_owned());
    }
    Ok(sorted)
}

fn kept_value(value: &Value, depth: usize) -> Result<Value> {
    let below = depth.saturating_add(1);
    Ok(match value {
        Value::Scalar(scalar) => Value::Scalar(scalar.clone()),
        _ if below > MAX_DEPTH => {
            let message = format!("unknown keys are nested more than {MAX_DEPTH} deep");
            return Err(Error::new(ErrorKind::InvalidDocument, message));
        }
        Value::List(items) => {
            Value::List(items.iter().map(|item| kept_value(item, below)).collect::<Result<_>>()?)
        }
        Value::Map(pairs) => Value::Map(kept(pairs, &[], below)?),
    })
}

/// Writes a value. A list or a mapping begins here, its other lines at `indent`.
fn write_value(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::Scalar(of) => scalar::value(of, indent, out),
        Value::List(items) if items.is_empty() => out.push_str("[]"),
        Value::Map(pairs) if pairs.is_empty() => out.push_str("{}"),
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    line(indent, out);
                }
                out.push_str("- ");
                write_value(item, indent.saturating_add(2), out);
            }
        }
        Value::Map(pairs) => {
            for (at, (key, value)) in pairs.iter().enumerate() {
                if at > 0 {
                    line(indent, out);
                }
                scalar::key(key, out);
                out.push(':');
                // yaml.v3 aligns what is below to multiples of four.
                let below = indent.saturating_add(4) / 4 * 4;
                if has_lines(value) {
                    line(below, out)
                } else {
                    out.push(' ')
                }
                write_value(value, below, out);
            }
        }
    }
}

/// Whether a value begins on a line of its own below its key.
fn has_lines(value: &Value) -> bool {
    match value {
        Value::Scalar(_) => false,
        Value::List(items) => !items.is_empty(),
        Value::Map(pairs) => !pairs.is_empty(),
    }
}

fn line(indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}
