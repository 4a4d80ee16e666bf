// SPDX-License-Identifier: Apache-2.0
//! Reading metadata back: the labels of an image config, and the JSON that labels and annotations
//! hold in their texts (format.md, 8).

use std::collections::BTreeMap;

use oci_spec::image::ImageConfiguration;

use crate::document::Config;
use crate::json::{self, Value};
use crate::{Diagnostic, Error, ErrorKind, Result};

/// The labels of an image config: text by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(BTreeMap<String, String>);

impl Labels {
    /// Returns the labels of an image config (CX-1).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`] if it has no labels at all.
    pub fn from_image_config(image: &ImageConfiguration) -> Result<Self> {
        let labels = image.config().as_ref().and_then(|config| config.labels().as_ref());
        let labels = labels.ok_or_else(no_labels)?;
        Ok(Self(labels.iter().map(|(key, text)| (key.clone(), text.clone())).collect()))
    }

    /// Returns the labels of an image config that was read (CX-1).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`] if it has no labels at all.
    pub fn of(config: &Config) -> Result<Self> {
        config.labels.clone().map(Self).ok_or_else(no_labels)
    }

    /// Returns the labels of an image config's bytes (CX-1, CX-6); a `null` label is empty.
    ///
    /// # Errors
    /// Those of [`Config::parse`], and [`ErrorKind::InvalidDocument`] if it has no labels at all.
    pub fn from_image_config_bytes(image: &[u8]) -> Result<Self> {
        Self::of(&Config::parse(image)?)
    }

    /// Returns the text of a label that must be there, not empty (CX-1).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`] if it is missing or empty.
    pub fn required(&self, key: &str) -> Result<String> {
        match self.text(key) {
            text if text.is_empty() => {
                Err(not_ours(format!("the image config has no label {key}, or an empty one")))
            }
            text => Ok(text),
        }
    }

    /// Returns the text of a label, empty if there is none (CX-2).
    pub fn text(&self, key: &str) -> String {
        self.0.get(key).cloned().unwrap_or_default()
    }

    /// Returns the list of texts that a label holds (CX-3); see [`parse_list`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`] if the label holds anything else.
    pub fn list(&self, key: &str) -> Result<Option<Vec<String>>> {
        parse_list(&self.text(key)).map_err(|error| in_label(&error, key))
    }

    /// Returns the numbers by name that a label holds (CX-3); see [`parse_counts`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidDocument`] if the label holds anything else.
    pub fn counts(&self, key: &str) -> Result<Option<BTreeMap<String, i64>>> {
        parse_counts(&self.text(key)).map_err(|error| in_label(&error, key))
    }
}

/// Returns the text of the annotation `key`, empty if there is none.
pub fn annotation<'a>(
    annotations: impl IntoIterator<Item = (&'a String, &'a String)>,
    key: &str,
) -> &'a str {
    let mut values = annotations.into_iter().filter(|(name, _)| *name == key);
    values.next().map_or("", |(_, text)| text)
}

/// Returns a JSON array of strings (CX-3): `None` for the empty text and for `null`; a `null` element is the empty
/// text.
///
/// # Errors
/// [`ErrorKind::InvalidDocument`] for anything else, which also goes for a text of white space.
pub fn parse_list(text: &str) -> Result<Option<Vec<String>>> {
    let Some(list) = parse(text)? else { return Ok(None) };
    match list.kind() {
        json::Kind::Array => list.elements().map(text_or_null).collect::<Result<_>>().map(Some),
        _ => Err(wrong("an array of strings", list)),
    }
}

/// Returns a JSON object of integers (CX-3): `None` for the empty text and for `null`; a `null`
/// value is 0; of two equal keys the last one counts.
///
/// # Errors
/// [`ErrorKind::InvalidDocument`] for anything else, for `1.0` and `1e2`, and for a number beyond
/// 64 bits.
pub fn parse_counts(text: &str) -> Result<Option<BTreeMap<String, i64>>> {
    let Some(object) = parse(text)? else { return Ok(None) };
    match object.kind() {
        json::Kind::Object => {
            let count = |json::Member { key, value, .. }: json::Member<'_>| {
                let count = if value.is_null() { Some(0) } else { value.as_integer() };
                Ok((key.into_owned(), count.ok_or_else(|| wrong("an integer", value))?))
            };
            object.members().map(count).collect::<Result<_>>().map(Some)
        }
        _ => Err(wrong("an object of integers", object)),
    }
}

/// Returns the value of a text; `None` for the empty one and for `null`.
fn parse(text: &str) -> Result<Option<Value<'_>>> {
    if text.is_empty() {
        return Ok(None);
    }
    let value = json::parse(text.as_bytes()).map_err(invalid)?;
    Ok(Some(value).filter(|value| !value.is_null()))
}

/// Returns the text of a string; `null` is the empty one.
fn text_or_null(value: Value<'_>) -> Result<String> {
    match value.kind() {
        json::Kind::Null => Ok(String::new()),
        _ => value.as_string().ok_or_else(|| wrong("a string", value)),
    }
}

fn wrong(expected: &str, value: Value<'_>) -> Error {
    let found = match value.kind() {
        // Where an integer is expected, the kind alone says nothing.
        json::Kind::Number => value.preview(),
        kind => kind.to_string(),
    };
    invalid(value.diagnostic(format!("expected {expected}, found {found}")))
}

fn invalid(diagnostic: Diagnostic) -> Error {
    Error::from_diagnostics(ErrorKind::InvalidDocument, vec![diagnostic])
}

/// Moves the findings of an error to the text of that label.
fn in_label(error: &Error, key: &str) -> Error {
    let mut diagnostics = error.diagnostics().to_vec();
    for diagnostic in &mut diagnostics {
        diagnostic.message = format!("the label {key} is malformed: {}", diagnostic.message);
    }
    Error::from_diagnostics(error.kind(), diagnostics)
}

fn no_labels() -> Error {
    not_ours("the image config has no labels".into())
}

fn not_ours(message: String) -> Error {
    Error::new(ErrorKind::InvalidDocument, message)
        .with_help("the artifact is of another kind, or was made by a tool that writes no metadata")
}

/// Absent or empty, which the JSON form does not tell apart (CX-8).
pub fn is_blank<'a, T>(value: &'a Option<T>) -> bool
where
    &'a T: IntoIterator,
{
    value.iter().flatten().next().is_none()
}

#[cfg(test)]
mod tests;
