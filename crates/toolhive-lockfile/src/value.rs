// SPDX-License-Identifier: Apache-2.0
//! Values under keys that this program does not know: they are kept as they were written (lock.md, 2.4).

/// The deepest nesting of lists and mappings under an unknown key.
pub const MAX_DEPTH: usize = 32;
/// The most bytes of an unknown key: `yaml.v3` writes longer ones in another form.
pub const MAX_KEY: usize = 128;

/// The words of YAML 1.1 for true that `yaml.v3` reads only for a field that is a truth value, and quotes elsewhere.
pub(crate) const OLD_TRUE: [&str; 8] = ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"];
/// The old words for false.
pub(crate) const OLD_FALSE: [&str; 8] = ["n", "N", "no", "No", "NO", "off", "Off", "OFF"];

/// Whether a text can be an unknown key.
pub(crate) fn is_key(text: &str) -> bool {
    text.len() <= MAX_KEY && !text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}'])
}

/// A kept value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, a number, a truth value, a time, or null.
    Scalar(Scalar),
    /// A list of values.
    List(Vec<Value>),
    /// Keys with their values; written sorted.
    Map(Vec<(Scalar, Value)>),
}

/// A scalar with its text: `1.0` stays `1.0`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text, with quotes and escapes undone.
    pub text: String,
    /// Whether it is a text.
    pub is: Type,
}

/// Whether a scalar is a text for `yaml.v3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A text, quoted or not: it is written so that it stays one.
    Text,
    /// A number, a truth value, a time or null: it is written without quotes.
    Other,
}

impl Scalar {
    /// Creates a scalar of a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), is: Type::Text }
    }
}
