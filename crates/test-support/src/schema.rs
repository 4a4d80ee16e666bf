// SPDX-License-Identifier: Apache-2.0
//! A checker of JSON documents against the part of JSON Schema 2020-12 that this project's schemas use,
//! and of the schemas for using no more than that.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

/// The keywords that are checked.
const CHECKED: [&str; 11] = [
    "$ref",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "anyOf",
    "pattern",
    "minimum",
];
/// The keywords that say something to people, or name a place.
const SAID: [&str; 5] = ["$schema", "$id", "title", "description", "$defs"];
/// The names of types.
const TYPES: [&str; 7] = ["object", "array", "string", "integer", "number", "boolean", "null"];
/// The patterns, and what each matches.
const PATTERNS: [(&str, Matches); 2] =
    [("^sha256:[0-9a-f]{64}$", is_digest), ("^[0-9a-f]{64}$", is_hex)];

/// Whether a text matches a pattern.
type Matches = fn(&str) -> bool;

/// The schemas of a directory, by the names of their files.
pub struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    /// Reads every `*.json` of a directory.
    ///
    /// # Panics
    /// If it cannot be read, or one of the files is not JSON.
    #[must_use]
    pub fn read(directory: &Path) -> Self {
        let entries = fs::read_dir(directory).expect("a directory of schemas");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let schema = |path: std::path::PathBuf| {
            let name =
                path.file_name()?.to_str().filter(|name| name.ends_with(".json"))?.to_owned();
            let text = fs::read_to_string(&path).expect("a schema");
            Some((name, serde_json::from_str(&text).expect("a schema is JSON")))
        };
        Self(paths.filter_map(schema).collect())
    }

    /// The names of the files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Returns the problems of a document, each with its place; none if the schema of that name
    /// takes it.
    ///
    /// # Panics
    /// If there is no such schema.
    #[must_use]
    pub fn check(&self, name: &str, document: &Value) -> Vec<String> {
        let schema = self.0.get(name).unwrap_or_else(|| panic!("there is no schema {name}"));
        let mut problems = Vec::new();
        self.look(name, schema, document, "", &mut problems);
        problems
    }

    /// Returns the places of schemas that are not understood here: unknown keywords, types, patterns, references that
    /// lead nowhere, objects that say nothing of other members.
    #[must_use]
    pub fn not_understood(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (name, schema) in &self.0 {
            self.understand(name, schema, name, &mut found);
        }
        found
    }

    fn understand(&self, file: &str, schema: &Value, place: &str, found: &mut Vec<String>) {
        let Value::Object(schema) = schema else {
            if !schema.is_boolean() {
                found.push(format!("{place}: neither an object nor a truth value"));
            }
            return;
        };
        for (keyword, value) in schema {
            let place = format!("{place}/{keyword}");
            let is_fine = match keyword.as_str() {
                "$ref" => self.target(file, value).is_some(),
                "type" => types(value).iter().all(|name| TYPES.contains(name)),
                "pattern" => matches(value).is_some(),
                "properties" | "$defs" => value.is_object(),
                "required" | "enum" | "anyOf" => value.is_array(),
                "minimum" => value.is_number(),
                keyword => CHECKED.contains(&keyword) || SAID.contains(&keyword),
            };
            if !is_fine {
                found.push(format!("{place}: {value}"));
            }
            let below: Vec<(String, &Value)> = match (keyword.as_str(), value) {
                ("properties" | "$defs", Value::Object(members)) => {
                    members.iter().map(|(name, one)| (format!("{place}/{name}"), one)).collect()
                }
                ("anyOf", Value::Array(all)) => {
                    all.iter().map(|one| (place.clone(), one)).collect()
                }
                ("items" | "additionalProperties", one) => vec![(place, one)],
                _ => Vec::new(),
            };
            for (place, one) in below {
                self.understand(file, one, &place, found);
            }
        }
        if schema.contains_key("properties") && !schema.contains_key("additionalProperties") {
            found.push(format!("{place}: says nothing of other members"));
        }
    }

    /// Returns the file and the schema that a reference names.
    fn target(&self, file: &str, reference: &Value) -> Option<(&str, &Value)> {
        let (other, pointer) =
            reference.as_str()?.split_once('#').unwrap_or((reference.as_str()?, ""));
        let other = if other.is_empty() { file } else { other };
        let (name, schema) = self.0.get_key_value(other)?;
        Some((name, schema.pointer(pointer)?))
    }

    fn look(&self, file: &str, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
        let Value::Object(schema) = schema else {
            if *schema == Value::Bool(false) {
                found.push(format!("{at}: nothing may be here"));
            }
            return;
        };
        if let Some(reference) = schema.get("$ref") {
            match self.target(file, reference) {
                Some((file, target)) => self.look(file, target, value, at, found),
                None => found.push(format!("{at}: {reference} leads nowhere")),
            }
        }
        if let Some(wanted) = schema.get("type")
            && !types(wanted).iter().any(|name| has_type(value, name))
        {
            found.push(format!("{at}: {value} is no {wanted}"));
        }
        if let Some(all) = schema.get("enum").and_then(Value::as_array)
            && !all.contains(value)
        {
            found.push(format!("{at}: {value} is none of those that are listed"));
        }
        if schema.get("const").is_some_and(|only| only != value) {
            found.push(format!("{at}: {value} is something else"));
        }
        if let (Some(pattern), Some(text)) = (schema.get("pattern"), value.as_str())
            && !matches(pattern).is_some_and(|matches| matches(text))
        {
            found.push(format!("{at}: {value} does not match {pattern}"));
        }
        if let (Some(least), Some(number)) = (schema.get("minimum"), value.as_f64())
            && least.as_f64().is_some_and(|least| number < least)
        {
            found.push(format!("{at}: {value} is less than {least}"));
        }
        if let Some(all) = schema.get("anyOf").and_then(Value::as_array) {
            let tries = all.iter().map(|one| {
                let mut problems = Vec::new();
                self.look(file, one, value, at, &mut problems);
                problems
            });
            // Where nothing fits, the nearest is named.
            let nearest = tries.min_by_key(Vec::len).unwrap_or_default();
            found.extend(nearest);
        }
        if let (Some(items), Value::Array(all)) = (schema.get("items"), value) {
            for (number, one) in all.iter().enumerate() {
                self.look(file, items, one, &format!("{at}/{number}"), found);
            }
        }
        if let Value::Object(members) = value {
            self.look_at_members(file, schema, members, at, found);
        }
    }

    fn look_at_members(
        &self,
        file: &str,
        schema: &Map<String, Value>,
        members: &Map<String, Value>,
        at: &str,
        found: &mut Vec<String>,
    ) {
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            if !name.as_str().is_some_and(|name| members.contains_key(name)) {
                found.push(format!("{at}: lacks {name}"));
            }
        }
        let known = schema.get("properties").and_then(Value::as_object);
        for (name, value) in members {
            let own = known.and_then(|known| known.get(name));
            if let Some(schema) = own.or_else(|| schema.get("additionalProperties")) {
                self.look(file, schema, value, &format!("{at}/{name}"), found);
            }
        }
    }
}

fn types(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().map(|one| one.as_str().unwrap_or_default()).collect(),
        one => vec![one.as_str().unwrap_or_default()],
    }
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn matches(pattern: &Value) -> Option<Matches> {
    PATTERNS.iter().find(|(known, _)| pattern == known).map(|(_, matches)| *matches)
}

fn is_digest(text: &str) -> bool {
    text.strip_prefix("sha256:").is_some_and(is_hex)
}

fn is_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schemas(schema: Value) -> Schemas {
        let common =
            json!({"$defs": {"digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}}});
        Schemas(BTreeMap::from([("a.json".into(), schema), ("common.json".into(), common)]))
    }

    #[test]
    fn each_keyword_refuses_what_it_is_for() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for (schema, takes, refuses) in [
            (json!({"type": "string"}), json!("x"), json!(1)),
            (json!({"type": ["string", "null"]}), json!(null), json!(true)),
            (json!({"type": "integer"}), json!(1), json!(1.5)),
            (json!({"type": "number"}), json!(1.5), json!("1.5")),
            (json!({"type": "array"}), json!([]), json!({})),
            (json!({"enum": ["a", "b"]}), json!("a"), json!("c")),
            (json!({"const": true}), json!(true), json!(false)),
            (json!({"minimum": 0}), json!(0), json!(-1)),
            (json!({"items": {"type": "boolean"}}), json!([true]), json!([true, 1])),
            (json!({"required": ["x"]}), json!({"x": 1}), json!({"y": 1})),
            (json!({"properties": {"x": {"type": "null"}}}), json!({"x": null}), json!({"x": 1})),
            (
                json!({"properties": {"x": true}, "additionalProperties": false}),
                json!({"x": 1}),
                json!({"x": 1, "y": 2}),
            ),
            (
                json!({"additionalProperties": {"type": "string"}}),
                json!({"x": "y"}),
                json!({"x": 1}),
            ),
            (json!({"anyOf": [{"type": "null"}, {"const": 1}]}), json!(1), json!(2)),
            (json!({"$ref": "common.json#/$defs/digest"}), json!(digest), json!("sha256:0")),
            (
                json!({"$defs": {"x": {"const": 1}}, "items": {"$ref": "#/$defs/x"}}),
                json!([1]),
                json!([2]),
            ),
        ] {
            let schemas = schemas(schema.clone());
            assert_eq!(schemas.check("a.json", &takes), [""; 0], "{schema}");
            assert_ne!(schemas.check("a.json", &refuses), [""; 0], "{schema}");
        }
    }

    #[test]
    fn what_is_not_checked_is_not_used() {
        for schema in [
            json!({"maxLength": 1}),
            json!({"type": "text"}),
            json!({"pattern": "^x$"}),
            json!({"$ref": "#/$defs/nothing"}),
            json!({"$ref": "nothing.json"}),
            json!({"items": {"if": true}}),
            json!({"anyOf": [{"oneOf": []}]}),
            json!({"properties": {"x": {"not": {}}}, "additionalProperties": false}),
            json!({"properties": {}}),
            json!({"items": 1}),
        ] {
            assert_eq!(schemas(schema.clone()).not_understood().len(), 1, "{schema}");
        }
        let fine =
            json!({"$schema": "x", "title": "x", "items": {"$ref": "common.json#/$defs/digest"}});
        assert_eq!(schemas(fine).not_understood(), [""; 0]);
    }
}
