// SPDX-License-Identifier: Apache-2.0
//! Values under keys that this program does not know: they are kept as they were written (lock.md, 2.4).

/// The deepest nesting of lists and mappings under an unknown key.
pub const MAX_DEPTH: usize = 32;
/// The most bytes of an unknown key: `yaml.v3` writes longer ones in another form.
pub const MAX_KEY: usize = 128;

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
