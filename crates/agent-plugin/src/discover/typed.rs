// SPDX-License-Identifier: Apache-2.0
//! The types that hosts require of fields (S-110): of one that has another, the whole is dropped.

use oci_artifact::json::{Kind, Member, Value};

use super::url::Url;
use crate::document;

/// The type that the value of a field has to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Is {
    /// A text, which may be empty.
    Text,
    /// A text that is not empty.
    FullText,
    /// `true` or `false`.
    Switch,
    /// A number above 0.
    Positive,
    /// A whole number above 0.
    Whole,
    /// A whole number, 0 or above.
    Count,
    /// A list of texts.
    Texts,
    /// An object of texts.
    TextMap,
    /// An object of any form.
    Object,
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A URL that a machine elsewhere answers.
    Url,
    /// A text that is a URL with https.
    HttpsUrl,
}

impl Is {
    /// Whether a value is that.
    fn holds(self, value: Value<'_>) -> bool {
        let text = || value.as_string();
        let number = |least: f64| {
            value.kind() == Kind::Number
                && value.preview().parse::<f64>().is_ok_and(|number| number > least)
        };
        let whole = || value.as_integer().is_some();
        match self {
            Self::Text => text().is_some(),
            Self::FullText => text().is_some_and(|text| !text.is_empty()),
            Self::Switch => value.kind() == Kind::Bool,
            Self::Positive => number(0.0),
            Self::Whole => number(0.0) && whole(),
            Self::Count => number(-1.0) && whole(),
            Self::Texts => document::texts(value).is_some(),
            Self::TextMap => {
                value.kind() == Kind::Object
                    && value.members().all(|member| member.value.kind() == Kind::String)
            }
            Self::Object => value.kind() == Kind::Object,
            Self::OneOf(texts) => text().is_some_and(|text| texts.contains(&text.as_str())),
            Self::Url => text().is_some_and(|text| Url::parse(&text).is_some()),
            Self::HttpsUrl => {
                text().and_then(|text| Url::parse(&text)).is_some_and(|url| url.scheme == "https")
            }
        }
    }

    /// Returns the type in words.
    fn words(self) -> String {
        match self {
            Self::Text => "a text".to_owned(),
            Self::FullText => "a text that is not empty".to_owned(),
            Self::Switch => "true or false".to_owned(),
            Self::Positive => "a number above 0".to_owned(),
            Self::Whole => "a whole number above 0".to_owned(),
            Self::Count => "a whole number, 0 or more".to_owned(),
            Self::Texts => "a list of texts".to_owned(),
            Self::TextMap => "an object of texts".to_owned(),
            Self::Object => "an object".to_owned(),
            Self::OneOf(texts) => texts.join(" or "),
            Self::Url => "an absolute URL".to_owned(),
            Self::HttpsUrl => "an absolute URL that begins with https://".to_owned(),
        }
    }
}

/// Returns the fields of an object that do not have their types, each with a sentence about it.
pub(super) fn faults(object: Value<'_>, fields: &[(&'static str, Is)]) -> Vec<String> {
    let wrong = |(key, wanted): &(&'static str, Is)| {
        let value = object.get(key)?;
        (!wanted.holds(value)).then(|| format!("{key:?} is {}", wanted.words()))
    };
    fields.iter().filter_map(wrong).collect()
}

/// Returns the members of an object that are neither one of these fields nor one of the others.
pub(super) fn unknown<'v>(
    object: Value<'v>,
    fields: &[(&str, Is)],
    others: &[&str],
) -> impl Iterator<Item = Member<'v>> {
    let is_field = |key: &str| fields.iter().any(|(known, _)| *known == key);
    object.members().filter(move |one| !is_field(&one.key) && !others.contains(&one.key.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_fields_s_110() {
        for (is, fine, wrong) in [
            (Is::Text, "\"\"", "1"),
            (Is::FullText, "\"a\"", "\"\""),
            (Is::Switch, "true", "\"true\""),
            (Is::Positive, "0.5", "0"),
            (Is::Whole, "1", "1.5"),
            (Is::Count, "0", "-1"),
            (Is::Texts, "[\"a\"]", "[1]"),
            (Is::TextMap, "{\"a\":\"b\"}", "{\"a\":1}"),
            (Is::Object, "{}", "[]"),
            (Is::OneOf(&["a"]), "\"a\"", "\"b\""),
            (Is::Url, "\"https://x.example\"", "\"x\""),
            (Is::HttpsUrl, "\"https://x.example\"", "\"http://x.example\""),
        ] {
            let faults = |value: &str| {
                let text = format!("{{\"k\":{value}}}");
                let value = oci_artifact::json::parse(text.as_bytes()).expect("is JSON");
                faults(value, &[("k", is)]).len()
            };
            assert_eq!((faults(fine), faults(wrong), faults("null")), (0, 1, 1), "{is:?}");
        }
    }
}
