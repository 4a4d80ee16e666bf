// SPDX-License-Identifier: Apache-2.0
//! Two JSON documents, member by member.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::Digest;
use crate::json::{self, Kind, Value};

/// The most differences that are reported of one pair of documents.
const MAX_CHANGES: usize = 1_000;
/// The depth to which documents are compared; what lies deeper is compared as text.
const MAX_DEPTH: usize = 32;

/// A member that two documents do not have alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct FieldChange {
    /// The keys and positions from the root on.
    pub place: Vec<String>,
    /// The value in the first document: a string's text, any other value's JSON.
    pub before: Option<String>,
    /// The value in the second document.
    pub after: Option<String>,
}

impl FieldChange {
    /// Returns the place as a JSON pointer (RFC 6901).
    pub fn pointer(&self) -> String {
        let escape = |key: &String| key.replace('~', "~0").replace('/', "~1");
        self.place.iter().map(|key| format!("/{}", escape(key))).collect()
    }
}

/// Digests of the first document that stand for others in the second, because something they are
/// digests of is compared on its own.
pub type Renamed = BTreeMap<Digest, Digest>;

/// Compares two documents. A digest that is [`Renamed`] is not reported, nor is the size next to
/// it.
///
/// Bytes that are not JSON differ as a whole.
pub fn documents(before: &[u8], after: &[u8], renamed: &Renamed) -> Vec<FieldChange> {
    let mut comparison = Comparison { renamed, place: Vec::new(), changes: Vec::new() };
    match (json::parse(before), json::parse(after)) {
        (Ok(before), Ok(after)) => comparison.values(Some(before), Some(after)),
        _ if before == after => {}
        _ => {
            let text = |bytes| Some(String::from_utf8_lossy(bytes).into_owned());
            comparison.add(text(before), text(after));
        }
    }
    comparison.changes
}

struct Comparison<'a> {
    renamed: &'a Renamed,
    place: Vec<String>,
    changes: Vec<FieldChange>,
}

impl Comparison<'_> {
    fn values(&mut self, before: Option<Value<'_>>, after: Option<Value<'_>>) {
        let kinds = (before.map(Value::kind), after.map(Value::kind));
        match (kinds, before, after) {
            _ if self.place.len() >= MAX_DEPTH => self.scalars(before, after),
            ((Some(Kind::Object), Some(Kind::Object)), Some(before), Some(after)) => {
                self.objects(before, after);
            }
            ((Some(Kind::Array), Some(Kind::Array)), Some(before), Some(after)) => {
                let (mut olds, mut news) = (before.elements(), after.elements());
                for at in 0_usize.. {
                    let (old, new) = (olds.next(), news.next());
                    if old.is_none() && new.is_none() {
                        break;
                    }
                    self.below(at.to_string(), old, new);
                }
            }
            _ => self.scalars(before, after),
        }
    }

    fn objects(&mut self, before: Value<'_>, after: Value<'_>) {
        let digest = |value: Value<'_>| value.get("digest").and_then(Value::as_string);
        let is_renamed = self.is_renamed(digest(before).as_deref(), digest(after).as_deref());
        let (olds, news) = (members(before), members(after));
        let keys: BTreeSet<&String> = olds.keys().chain(news.keys()).collect();
        for key in keys {
            if is_renamed && (key == "digest" || key == "size") {
                continue;
            }
            self.below(key.clone(), olds.get(key).copied(), news.get(key).copied());
        }
    }

    fn below(&mut self, key: String, before: Option<Value<'_>>, after: Option<Value<'_>>) {
        self.place.push(key);
        self.values(before, after);
        self.place.pop();
    }

    fn scalars(&mut self, before: Option<Value<'_>>, after: Option<Value<'_>>) {
        let (before, after) = (before.map(text), after.map(text));
        if before != after && !self.is_renamed(before.as_deref(), after.as_deref()) {
            self.add(before, after);
        }
    }

    /// Whether two texts are digests, and the one stands for the other.
    fn is_renamed(&self, before: Option<&str>, after: Option<&str>) -> bool {
        let Some(before) = before.and_then(Digest::read) else { return false };
        let new = self.renamed.get(&before);
        new.is_some() && new.copied() == after.and_then(Digest::read)
    }

    fn add(&mut self, before: Option<String>, after: Option<String>) {
        if self.changes.len() < MAX_CHANGES {
            self.changes.push(FieldChange { place: self.place.clone(), before, after });
        }
    }
}

fn members(object: Value<'_>) -> BTreeMap<String, Value<'_>> {
    object.members().map(|member| (member.key.into_owned(), member.value)).collect()
}

fn text(value: Value<'_>) -> String {
    match value.as_string() {
        Some(text) => text,
        None => String::from_utf8_lossy(value.raw()).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;

    fn told(before: &str, after: &str) -> Vec<(String, Option<String>, Option<String>)> {
        let (old, new) = (sha256(b"old"), sha256(b"new"));
        let spelled =
            |text: &str| text.replace("old", &old.to_string()).replace("new", &new.to_string());
        let renamed = Renamed::from([(old, new)]);
        let changes = documents(spelled(before).as_bytes(), spelled(after).as_bytes(), &renamed);
        let tell = |change: FieldChange| (change.pointer(), change.before, change.after);
        changes.into_iter().map(tell).collect()
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn members_are_compared_at_any_depth_and_in_any_order() {
        assert_eq!(told(r#"{"a":1,"b":{"c":["x"]}}"#, r#"{"b":{"c":["x"]},"a":1}"#), []);
        assert_eq!(
            told(r#"{"a":1,"b":{"c/~":["x"]}}"#, r#"{"b":{"c/~":["y","z"]},"d":null}"#),
            [
                ("/a".to_owned(), some("1"), None),
                ("/b/c~1~0/0".to_owned(), some("x"), some("y")),
                ("/b/c~1~0/1".to_owned(), None, some("z")),
                ("/d".to_owned(), None, some("null")),
            ]
        );
    }

    #[test]
    fn what_follows_from_other_differences_is_not_told() {
        assert_eq!(told(r#"{"digest":"old","size":1}"#, r#"{"digest":"new","size":2}"#), []);
        assert_eq!(told(r#"{"ids":["old"]}"#, r#"{"ids":["new"]}"#), []);
        assert_eq!(told(r#"{"digest":"x","size":1}"#, r#"{"digest":"new","size":2}"#).len(), 2);
    }

    #[test]
    fn what_is_not_json_or_too_deep_is_compared_as_text() {
        assert_eq!(told("{", "{").len(), 0);
        assert_eq!(told("{", "{}").len(), 1);
        let deep = |leaf: &str| "[".repeat(5_000) + leaf + &"]".repeat(5_000);
        assert_eq!(told(&deep("1"), &deep("1")).len(), 0);
        assert_eq!(told(&deep("1"), &deep("2")).len(), 1);
    }
}
