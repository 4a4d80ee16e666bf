// SPDX-License-Identifier: Apache-2.0
//! The rule that makes a document unambiguous (MAN-5): no key twice in one object, in whatever case,
//! and no known key in another case.
//!
//! Keys are folded as readers in Go fold them (PJ-7). Maps whose keys are data are excepted from the
//! case: annotations, labels, ports and volumes may differ in it alone, and two equal ones are still
//! refused.

use std::collections::BTreeMap;

use toolhive_diagnostics::Diagnostic;

use super::fields::{invalid, wrong};
use crate::error::{Error, Result};
use crate::json::{self, Kind, Member, Value};

const DUPLICATE: &str = "duplicate-key";
const CASE: &str = "key-case";
/// The names of the findings that make a document ambiguous.
pub(super) const RULES: [&str; 2] = [DUPLICATE, CASE];

/// The shape of an object, which follows from its place in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A manifest or an index: the bytes alone do not say which a reader takes them for.
    Document,
    /// A descriptor of another document.
    Descriptor,
    /// A descriptor's platform.
    Platform,
    /// An image config.
    Config,
    /// An image config's member `config`, and Docker's `container_config`.
    Container,
    /// The uncompressed layers of an image config.
    RootFs,
    /// One step of an image config's history.
    History,
    /// A map whose keys are data.
    Map,
    /// Anything else: of its keys none is known.
    Other,
}

impl Shape {
    /// Returns the keys that are known there: those with plain values, and those with objects or lists of them, and
    /// what these are.
    fn known(self) -> (&'static [&'static str], &'static [(&'static str, Shape)]) {
        use Shape::{
            Config, Container, Descriptor, Document, History, Map, Other, Platform, RootFs,
        };
        match self {
            Document => (
                &["schemaVersion", "mediaType", "artifactType"],
                &[
                    ("config", Descriptor),
                    ("layers", Descriptor),
                    ("blobs", Descriptor),
                    ("manifests", Descriptor),
                    ("subject", Descriptor),
                    ("annotations", Map),
                ],
            ),
            Descriptor => (
                &["mediaType", "digest", "size", "urls", "data", "artifactType"],
                &[("annotations", Map), ("platform", Platform)],
            ),
            Platform => {
                (&["architecture", "os", "os.version", "os.features", "variant", "features"], &[])
            }
            Config => (
                &[
                    "created",
                    "author",
                    "architecture",
                    "os",
                    "os.version",
                    "os.features",
                    "variant",
                ],
                &[
                    ("config", Container),
                    ("container_config", Container),
                    ("rootfs", RootFs),
                    ("history", History),
                ],
            ),
            Container => (
                &["User", "Env", "Entrypoint", "Cmd", "WorkingDir", "StopSignal", "ArgsEscaped"],
                &[("ExposedPorts", Map), ("Volumes", Map), ("Labels", Map)],
            ),
            RootFs => (&["type", "diff_ids"], &[]),
            History => (&["created", "author", "created_by", "comment", "empty_layer"], &[]),
            Map | Other => (&[], &[]),
        }
    }
}

/// Reads a document whose outermost object is that. `what` names it in an error.
pub(super) fn read<'a>(bytes: &'a [u8], what: &str, shape: Shape) -> Result<Value<'a>> {
    let value = json::parse(bytes).map_err(invalid)?;
    // Readers make different characters of such bytes, or none.
    if let Err(error) = std::str::from_utf8(bytes) {
        let at = error.valid_up_to();
        let diagnostic = Diagnostic::new("this is not UTF-8, as JSON is").at(bytes, at..at + 1);
        return Err(invalid(diagnostic));
    }
    if value.kind() != Kind::Object {
        let found = value.kind();
        return Err(wrong(value, format!("{what} must be a JSON object, and this is {found}")));
    }
    object(value, shape, "")?;
    Ok(value)
}

/// Checks an object and all below it.
fn object(value: Value<'_>, shape: Shape, place: &str) -> Result<()> {
    let mut seen: BTreeMap<String, Member<'_>> = BTreeMap::new();
    for member in value.members() {
        let key = match shape {
            Shape::Map => member.key.to_string(),
            _ => json::fold(&member.key),
        };
        if let Some(first) = seen.get(&key) {
            return Err(twice(first, &member, place));
        }
        let (plain, nested) = shape.known();
        let plain = plain.iter().map(|key| (*key, Shape::Other));
        match nested.iter().copied().chain(plain).find(|(known, _)| member.is(known)) {
            Some((known, _)) if known != member.key => {
                return Err(misspelled(&member, known, place));
            }
            Some((known, inner)) if inner != Shape::Other => {
                let place = format!("{place}/{known}");
                match member.value.kind() {
                    Kind::Array => {
                        for (at, element) in member.value.elements().enumerate() {
                            inside(element, inner, &format!("{place}/{at}"))?;
                        }
                    }
                    _ => inside(member.value, inner, &place)?,
                }
            }
            _ => inside(member.value, Shape::Other, place)?,
        }
        seen.insert(key, member);
    }
    Ok(())
}

/// Checks a value. Known places are a few levels deep; what lies at others may be deep, and is gone
/// through without recursion.
fn inside(value: Value<'_>, shape: Shape, place: &str) -> Result<()> {
    if shape != Shape::Other && value.kind() == Kind::Object {
        return object(value, shape, place);
    }
    let Some(found) = json::duplicate_key_folded(value) else { return Ok(()) };
    let message = format!("the key {:?} is repeated in one object", found.key);
    Err(ambiguous(Diagnostic::new(message).at(value.document(), found.second), DUPLICATE))
}

fn twice(first: &Member<'_>, second: &Member<'_>, place: &str) -> Error {
    let place = at(place);
    let message = match first.key == second.key {
        true => format!("the key {:?} is repeated {place}", second.key),
        false => format!("{:?} and {:?} count as one key {place}", first.key, second.key),
    };
    ambiguous(second.diagnostic(message), DUPLICATE)
}

fn misspelled(member: &Member<'_>, known: &str, place: &str) -> Error {
    let message = format!("the key {:?} {} is another case of {known:?}", member.key, at(place));
    ambiguous(member.diagnostic(message), CASE)
}

/// Returns the words for an object's place, its JSON pointer.
fn at(place: &str) -> String {
    if place.is_empty() { "at the top level".to_owned() } else { format!("at {place}") }
}

fn ambiguous(diagnostic: Diagnostic, rule: &'static str) -> Error {
    let help = "two programs would read this document differently, so that its meaning is not \
                certain: do not use it, and ask where it comes from";
    invalid(diagnostic.with_rule(rule).with_help(help))
}
