// SPDX-License-Identifier: Apache-2.0
//! Reads one entry of a list, and its `provenance`.

use std::ops::Range;

use toolhive_frontmatter::{Content, Node, Sequence, quoted};

use super::Reader;
use crate::model::{Entry, Provenance};
use crate::rules::{self, Field};
use crate::value::{OLD_FALSE, OLD_TRUE};

/// An entry with the places that later checks need.
pub(super) struct Read {
    pub(super) entry: Entry,
    /// The bytes of its name.
    pub(super) name: Range<usize>,
    /// The place of `requiredBy`, or else of the entry.
    pub(super) required_by: Range<usize>,
}

impl Reader {
    /// Reads an entry; `None` if it is not one.
    pub(super) fn entry(&mut self, node: Node<'_>) -> Option<Read> {
        let pairs = self.mapping(node, "an entry")?;
        let mut entry = Entry::default();
        let mut places: Vec<(Field, Range<usize>)> = Vec::new();
        let before = self.problems.len();
        for pair in pairs {
            let known = Field::ENTRY.iter().find(|(_, key)| *key == pair.text);
            let Some((field, _)) = known.copied() else {
                entry.other.extend(self.kept_pair(&pair, 0));
                continue;
            };
            let value = pair.value;
            places.push((field, value.span()));
            match field {
                Field::Name => self.set(&mut entry.name, value, field),
                Field::Version => self.set(&mut entry.version, value, field),
                Field::Source => self.set(&mut entry.source, value, field),
                Field::ResolvedReference => self.set(&mut entry.resolved_reference, value, field),
                Field::Digest => self.set(&mut entry.digest, value, field),
                Field::ContentDigest => self.set(&mut entry.content_digest, value, field),
                Field::Provenance => entry.provenance = self.provenance(value, &mut places),
                Field::Unsigned => entry.unsigned = self.truth(value, field),
                Field::RequiredBy => entry.required_by = self.names(value),
                Field::Explicit => entry.explicit = self.truth(value, field),
                _ => {}
            }
        }
        // One that could not be read is not also missing.
        if self.problems.len() == before {
            for refusal in rules::check(&entry) {
                let place = place(&places, refusal.field);
                self.wrong(place.unwrap_or_else(|| first_line(node)), refusal.message);
            }
        }
        let name = place(&places, Field::Name).unwrap_or_else(|| node.span());
        let required_by = place(&places, Field::RequiredBy).unwrap_or_else(|| node.span());
        Some(Read { entry, name, required_by })
    }

    fn provenance(
        &mut self,
        node: Node<'_>,
        places: &mut Vec<(Field, Range<usize>)>,
    ) -> Option<Provenance> {
        if toolhive_frontmatter::is_null(node) {
            return None;
        }
        let mut of = Provenance::default();
        for pair in self.mapping(node, "`provenance`")? {
            let known = Field::PROVENANCE.iter().find(|(_, key)| *key == pair.text);
            let Some((field, _)) = known.copied() else {
                of.other.extend(self.kept_pair(&pair, 0));
                continue;
            };
            let value = pair.value;
            places.push((field, value.span()));
            match field {
                Field::SignerIdentity => self.set(&mut of.signer_identity, value, field),
                Field::CertIssuer => self.set(&mut of.cert_issuer, value, field),
                Field::RepositoryUri => self.set(&mut of.repository_uri, value, field),
                Field::RepositoryRef => self.set(&mut of.repository_ref, value, field),
                Field::RunnerEnvironment => self.set(&mut of.runner_environment, value, field),
                Field::SigstoreUrl => self.set(&mut of.sigstore_url, value, field),
                Field::PublicKey => self.set(&mut of.public_key, value, field),
                Field::Provisional => of.provisional = self.scalar(value, "`provisional`"),
                _ => {}
            }
        }
        Some(of)
    }

    fn set(&mut self, field: &mut String, node: Node<'_>, key: Field) {
        if let Some(text) = self.text(node, key.as_str()) {
            *field = text;
        }
    }

    /// Returns the text of a scalar; null is an empty one.
    pub(super) fn text(&mut self, node: Node<'_>, key: &str) -> Option<String> {
        match self.content(node)? {
            Content::Scalar(..) if toolhive_frontmatter::is_null(node) => Some(String::new()),
            Content::Scalar(text, _) => Some(text.to_owned()),
            _ => {
                let message = format!("`{key}` must be text, but is {}", node.kind().as_str());
                self.wrong(node.span(), message);
                None
            }
        }
    }

    /// A truth value, in every spelling that the reference takes for a field that is one.
    fn truth(&mut self, node: Node<'_>, key: Field) -> bool {
        let Some(text) = self.text(node, key.as_str()) else { return false };
        match text.as_str() {
            "true" | "True" | "TRUE" => true,
            "" | "false" | "False" | "FALSE" => false,
            old if OLD_TRUE.contains(&old) => true,
            old if OLD_FALSE.contains(&old) => false,
            other => {
                let message =
                    format!("`{}` must be true or false, not {}", key.as_str(), quoted(other));
                self.wrong(node.span(), message);
                false
            }
        }
    }

    fn names(&mut self, node: Node<'_>) -> Vec<String> {
        let items = self.items(node, "requiredBy").into_iter().flat_map(Sequence::iter);
        items.filter_map(|item| self.text(item, "requiredBy")).collect()
    }
}

/// Returns the place where a missing key should be: the entry's first key.
fn first_line(node: Node<'_>) -> Range<usize> {
    let first = match node.content() {
        Content::Mapping(pairs) => pairs.iter().next().map(|(key, _)| key.span()),
        _ => None,
    };
    first.unwrap_or_else(|| node.span())
}

fn place(places: &[(Field, Range<usize>)], field: Field) -> Option<Range<usize>> {
    let of = |wanted: Field| places.iter().find(|(known, _)| *known == wanted);
    // A key that is missing below `provenance` is missing there.
    let is_inner = Field::PROVENANCE.iter().any(|(known, _)| *known == field);
    let outer = || of(Field::Provenance).filter(|_| is_inner);
    of(field).or_else(outer).map(|(_, span)| span.clone())
}
