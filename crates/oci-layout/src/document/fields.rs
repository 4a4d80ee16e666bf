// SPDX-License-Identifier: Apache-2.0
//! Members of one kind. Absent and `null` are the same, as they are for readers in Go; what is of
//! another kind is refused.

use std::collections::BTreeMap;

use oci_spec::image::{Arch, Os, Platform};
use toolhive_diagnostics::Diagnostic;

use crate::error::{Error, ErrorKind, Result};
use crate::json::{Kind, Value};

pub(super) fn invalid(diagnostic: Diagnostic) -> Error {
    Error::from_diagnostics(ErrorKind::InvalidDocument, vec![diagnostic])
}

/// Returns an error about that value.
pub(super) fn wrong(value: Value<'_>, message: impl Into<String>) -> Error {
    invalid(value.diagnostic(message))
}

fn unexpected(wanted: &str, value: Value<'_>) -> Error {
    wrong(value, format!("expected {wanted}, found {}", value.kind()))
}

/// Returns the value of a member that is there.
pub(super) fn member<'a>(object: Value<'a>, key: &str) -> Option<Value<'a>> {
    object.get(key).filter(|value| !value.is_null())
}

/// Returns a member that is an object.
pub(super) fn object<'a>(object: Value<'a>, key: &str) -> Result<Option<Value<'a>>> {
    match member(object, key) {
        Some(value) if value.kind() != Kind::Object => Err(unexpected("an object", value)),
        value => Ok(value),
    }
}

/// Returns the elements of a member that is an array.
pub(super) fn list<'a>(object: Value<'a>, key: &str) -> Result<impl Iterator<Item = Value<'a>>> {
    match member(object, key) {
        Some(value) if value.kind() != Kind::Array => Err(unexpected("an array", value)),
        value => Ok(value.into_iter().flat_map(Value::elements)),
    }
}

/// Returns a member that is a string; none if it is empty.
pub(super) fn text(object: Value<'_>, key: &str) -> Result<Option<String>> {
    let value = member(object, key);
    Ok(value.map(string).transpose()?.filter(|text| !text.is_empty()))
}

/// Returns a member that is an array of strings.
pub(super) fn strings(object: Value<'_>, key: &str) -> Result<Vec<String>> {
    list(object, key)?.map(string).collect()
}

/// Returns a member that maps names to texts; a `null` among them is the empty text.
pub(super) fn texts(value: Value<'_>, key: &str) -> Result<Option<BTreeMap<String, String>>> {
    let Some(map) = object(value, key)? else { return Ok(None) };
    let text = |value: Value<'_>| if value.is_null() { Ok(String::new()) } else { string(value) };
    map.members()
        .map(|one| Ok((one.key.into_owned(), text(one.value)?)))
        .collect::<Result<_>>()
        .map(Some)
}

pub(super) fn string(value: Value<'_>) -> Result<String> {
    value.as_string().ok_or_else(|| unexpected("a string", value))
}

/// Returns the members of a platform, which stand in descriptors and in image configs (CFG-1,
/// IDX-2).
pub(super) fn platform(value: Value<'_>) -> Result<Platform> {
    let mut platform = Platform::default();
    let plain = |key| Ok::<_, Error>(text(value, key)?.unwrap_or_default());
    platform.set_os(Os::from(plain("os")?.as_str()));
    platform.set_architecture(Arch::from(plain("architecture")?.as_str()));
    platform.set_os_version(text(value, "os.version")?);
    platform.set_variant(text(value, "variant")?);
    let features = strings(value, "os.features")?;
    platform.set_os_features(Some(features).filter(|features| !features.is_empty()));
    Ok(platform)
}
