// SPDX-License-Identifier: Apache-2.0
//! `store list` and `KIND list --stored`: everything that a store has (VB-8).

use std::collections::BTreeMap;

use oci_artifact::document::Document;
use oci_artifact::identity::{Identity, identified};
use oci_artifact::kind::ArtifactKind;
use oci_artifact::media_type::IMAGE_CONFIG;
use oci_artifact::store::{Entry, Store};
use oci_artifact::{Digest, ErrorKind, Result};
use serde::Serialize;
use toolhive_plugins::Plugin;
use toolhive_skills::Skill;

use crate::context::Context;
use crate::kind::Kind;
use crate::output::{Outcome, Table, short, size};

/// An entry of a store.
#[derive(Serialize)]
struct Row {
    store: String,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<String>,
    digest: Digest,
    origin: &'static str,
    #[serde(flatten)]
    content: Content,
}

/// The known facts of content, whatever names it has.
#[derive(Clone, Default, Serialize)]
struct Content {
    /// Bytes of all that it needs, itself included.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// The time at which it came into the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// The kind of the content.
    #[serde(skip)]
    kind: String,
}

/// Lists what is of that kind, and what cannot be read, in the kind's store.
pub(super) fn of_kind<K: Kind>(context: &Context) -> Result<Outcome> {
    // It is made when something comes into it.
    let store = context.store_if_there::<K>()?;
    let mut rows = store.as_ref().map_or(Ok(Vec::new()), rows)?;
    rows.retain(|row| [K::NAME, UNREADABLE].contains(&row.kind.as_str()));
    show(&rows, context);
    Ok(Outcome::Done)
}

/// Lists everything in the store that was named, or in both of ToolHive's own.
pub(super) fn all(context: &Context) -> Result<Outcome> {
    let mut all = Vec::new();
    for root in context.store_roots()? {
        match Store::open_existing(&root) {
            Err(error) if error.kind() == ErrorKind::NotFound && !context.names_a_store() => {}
            store => {
                let store = store.map_err(crate::context::no_store)?;
                context.output.warnings(store.warnings(), None);
                all.extend(rows(&store)?);
            }
        }
    }
    show(&all, context);
    Ok(Outcome::Done)
}

const UNREADABLE: &str = "unreadable";

fn rows(store: &Store) -> Result<Vec<Row>> {
    // Content with many tags is read once.
    let mut known: BTreeMap<Digest, Content> = BTreeMap::new();
    let row = |entry: Entry| {
        let digest = entry.descriptor.digest;
        let content = known.entry(digest).or_insert_with(|| content(store, &entry)).clone();
        let origin = origin(&entry);
        let (kind, store) = (content.kind.clone(), store.root().display().to_string());
        Row { store, kind, tag: entry.tag, digest, origin, content }
    };
    Ok(store.entries()?.into_iter().map(row).collect())
}

/// The origin of an entry, as far as it says so: only what is built is marked (LS-3), and what is
/// pulled has its reference for a tag unless it was given another.
fn origin(entry: &Entry) -> &'static str {
    match entry.tag.as_deref() {
        _ if entry.is_local_build => "built",
        Some(tag) if tag.contains('/') => "pulled",
        Some(_) => "unknown",
        None => "untagged",
    }
}

fn content(store: &Store, entry: &Entry) -> Content {
    let digest = &entry.descriptor.digest;
    let time = store.came(digest);
    let unreadable =
        || Content { kind: UNREADABLE.to_owned(), time: time.clone(), ..Content::default() };
    let Ok(root) = store.describe(digest) else { return unreadable() };
    let Ok((identity, document)) = identified(store, &root) else { return unreadable() };
    let kind = kind(&identity);
    let keys = match kind.as_str() {
        Plugin::NAME => Some((Plugin::LABEL_NAME, Plugin::LABEL_VERSION)),
        Skill::NAME => Some((Skill::LABEL_NAME, Skill::LABEL_VERSION)),
        _ => None,
    };
    let said = |key| document.annotations.get(key).filter(|text| !text.is_empty()).cloned();
    let (name, version) = keys.map_or((None, None), |(name, version)| (said(name), said(version)));
    Content { size: total(store, &root.digest, root.size, &document), time, name, version, kind }
}

fn kind(identity: &Identity) -> String {
    match (identity.artifact_type.as_deref(), identity.config_type.as_deref()) {
        (Some(Plugin::ARTIFACT_TYPE), _) => Plugin::NAME.to_owned(),
        (Some(Skill::ARTIFACT_TYPE), _) => Skill::NAME.to_owned(),
        (Some(other), _) => other.to_owned(),
        (None, Some(IMAGE_CONFIG)) => "image".to_owned(),
        (None, _) => "other".to_owned(),
    }
}

/// Bytes of a document and all that it needs, each blob once; none if a manifest cannot be read.
fn total(store: &Store, digest: &Digest, size: u64, root: &Document) -> Option<u64> {
    let mut sizes = BTreeMap::from([(*digest, size)]);
    sizes.extend(root.children().map(|link| (link.digest, link.size)));
    for link in &root.manifests {
        let manifest = Document::parse(&store.get_manifest(&link.digest).ok()?, None).ok()?;
        sizes.extend(manifest.children().map(|link| (link.digest, link.size)));
    }
    sizes.values().try_fold(0_u64, |sum, size| sum.checked_add(*size))
}

fn show(rows: &[Row], context: &Context) {
    context.output.result(&rows, |output| match rows {
        [] => output.note("The store has nothing yet"),
        rows => output.print_fitting(&table(rows, Digest::to_string), || {
            table(rows, |digest| short(&digest.to_string()))
        }),
    });
}

fn table(rows: &[Row], shown: impl Fn(&Digest) -> String) -> String {
    let mut table = Table::new();
    table.row(["KIND", "TAG", "DIGEST", "SIZE", "ORIGIN", "ADDED"]);
    for Row { kind, tag, digest, origin, content, .. } in rows {
        let bytes = content.size.map_or_else(|| "-".to_owned(), size);
        let came = content.time.as_deref().and_then(|time| time.get(..10)).unwrap_or("-");
        let (tag, digest) = (tag.as_deref().unwrap_or("-"), shown(digest));
        table.row([kind.as_str(), tag, digest.as_str(), bytes.as_str(), origin, came]);
    }
    table.render()
}
