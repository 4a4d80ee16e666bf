// SPDX-License-Identifier: Apache-2.0
//! JSON that is signed, or read as material: UTF-8, bounded, and no key twice (SIG-15).

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_artifact::json::{self, Kind, Value};

use crate::fault::Fault;

/// The most bytes of a bundle, and of a payload.
pub(crate) const MAX_SIZE: usize = 1 << 20;
/// The largest number of levels of arrays and objects.
const MAX_DEPTH: usize = 64;

/// Reads a document that is an object.
pub(crate) fn read<'a>(bytes: &'a [u8], what: &str) -> Result<Value<'a>, Fault> {
    if bytes.len() > MAX_SIZE {
        let message = format!("{what} has {} bytes, more than {MAX_SIZE}", bytes.len());
        return Err(Fault::malformed(message));
    }
    if std::str::from_utf8(bytes).is_err() {
        return Err(Fault::malformed(format!("{what} is not UTF-8")));
    }
    let value = json::parse(bytes)
        .map_err(|error| Fault::malformed(format!("{what} is not JSON: {}", error.message)))?;
    if value.kind() != Kind::Object {
        return Err(Fault::malformed(format!("{what} is {}, not an object", value.kind())));
    }
    check(value, what, 0)?;
    Ok(value)
}

/// Refuses keys that two readers could understand in two ways, also those that differ in case only:
/// readers in Go take either.
fn check(value: Value<'_>, what: &str, depth: usize) -> Result<(), Fault> {
    if depth > MAX_DEPTH {
        return Err(Fault::malformed(format!("{what} is nested more than {MAX_DEPTH} deep")));
    }
    let mut seen = BTreeSet::new();
    for member in value.members() {
        if !seen.insert(member.key.to_uppercase().to_lowercase()) {
            return Err(Fault::malformed(format!("{what} has the key {:?} twice", member.key)));
        }
        check(member.value, what, depth + 1)?;
    }
    value.elements().try_for_each(|element| check(element, what, depth + 1))
}

/// Returns a member that is there and is not null.
pub(crate) fn member<'a>(value: Value<'a>, key: &str) -> Option<Value<'a>> {
    value.get(key).filter(|value| !value.is_null())
}

/// Returns an object that must be there.
pub(crate) fn object<'a>(value: Value<'a>, key: &str) -> Result<Value<'a>, Fault> {
    let found = member(value, key).filter(|value| value.kind() == Kind::Object);
    found.ok_or_else(|| Fault::malformed(format!("{key:?} is missing, or not an object")))
}

/// Returns a string that must be there.
pub(crate) fn text(value: Value<'_>, key: &str) -> Result<String, Fault> {
    let found = member(value, key).and_then(Value::as_string);
    found.ok_or_else(|| Fault::malformed(format!("{key:?} is missing, or not a string")))
}

/// Bytes that must be there, as base64.
pub(crate) fn bytes(value: Value<'_>, key: &str) -> Result<Vec<u8>, Fault> {
    decode(&text(value, key)?, key)
}

/// Decodes standard, padded base64.
pub(crate) fn decode(text: &str, what: &str) -> Result<Vec<u8>, Fault> {
    STANDARD.decode(text).map_err(|_| Fault::malformed(format!("{what:?} is not base64")))
}

/// Encodes as standard, padded base64.
pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes hexadecimal digits of either case.
pub(crate) fn unhex(text: &str, what: &str) -> Result<Vec<u8>, Fault> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(pair).collect();
    bytes.ok_or_else(|| Fault::malformed(format!("{what:?} is not hexadecimal")))
}
