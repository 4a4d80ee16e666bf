// SPDX-License-Identifier: Apache-2.0
//! The tree of what is asked for, with all that it needs: fetched, diamonds merged, circles refused (lock.md, 3.1).

use std::collections::{BTreeMap, BTreeSet};

use oci_artifact::store::Store;
use oci_artifact::{Error, ErrorKind, Result};

use super::obtain::{Expecting, Obtained, obtain, reference};
use crate::context::Context;
use crate::kind::Kind;

/// The most that one of them may need, itself included.
const MOST: usize = 100;

/// A node of a tree of requirements.
pub(super) struct Node {
    pub(super) obtained: Obtained,
    /// The names of those that need it.
    pub(super) required_by: BTreeSet<String>,
    pub(super) explicit: bool,
}

/// An artifact that is needed, and what needs it.
struct Wish {
    source: String,
    /// The names on the way to it.
    path: Vec<String>,
}

/// Fetches what `source` names and what that needs, those first that need others. `parent` is who needs it,
/// where it was not asked for itself.
///
/// # Errors
/// [`ErrorKind::InvalidDocument`] for a circle, or for two versions of one name; [`ErrorKind::TooLarge`]
/// past the limit; those of fetching.
pub(super) fn resolve<K: Kind>(
    source: &str,
    parent: Option<&str>,
    expecting: &Expecting<'_>,
    store: &Store,
    context: &Context,
) -> Result<Vec<Node>> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let mut sources: BTreeMap<String, usize> = BTreeMap::new();
    let mut wishes = vec![Wish {
        source: source.to_owned(),
        path: parent.into_iter().map(str::to_owned).collect(),
    }];
    while let Some(Wish { source, mut path }) = wishes.pop() {
        let at = match sources.get(&source) {
            Some(at) => *at,
            None => {
                let asked = reference(&source, context)?;
                let obtained = obtain::<K>(&source, &asked, expecting, store, context)?;
                let name = obtained.content.name.clone();
                let at = match names.get(&name) {
                    Some(at) => {
                        if nodes.get(*at).is_some_and(|one| one.obtained.digest != obtained.digest)
                        {
                            let message = format!("two versions of {name} are needed");
                            return Err(Error::new(ErrorKind::InvalidDocument, message).with_help(
                                "a name can have only one version: ask their authors to agree",
                            ));
                        }
                        *at
                    }
                    None => {
                        let required_by = BTreeSet::new();
                        nodes.push(Node { obtained, required_by, explicit: path.is_empty() });
                        nodes.len() - 1
                    }
                };
                if nodes.len() > MOST {
                    let message = format!("more than {MOST} are needed");
                    return Err(Error::new(ErrorKind::TooLarge, message));
                }
                names.insert(name, at);
                sources.insert(source.clone(), at);
                at
            }
        };
        let Some(node) = nodes.get_mut(at) else { continue };
        let name = node.obtained.content.name.clone();
        if path.contains(&name) {
            path.push(name);
            let message = format!("they need each other in a cycle: {}", path.join(" -> "));
            return Err(Error::new(ErrorKind::InvalidDocument, message));
        }
        let is_new = match path.last() {
            Some(parent) => node.required_by.insert(parent.clone()),
            None => true,
        };
        path.push(name);
        // What was gone through for this parent has nothing more to say.
        if is_new {
            let needs = node.obtained.content.requires.iter().rev();
            wishes.extend(needs.map(|source| Wish { source: source.clone(), path: path.clone() }));
        }
    }
    Ok(in_order(nodes, parent))
}

/// Sorts artifacts so that each is written after all that need it.
fn in_order(mut rest: Vec<Node>, parent: Option<&str>) -> Vec<Node> {
    let mut ordered: Vec<Node> = Vec::with_capacity(rest.len());
    let mut names: BTreeSet<String> = parent.into_iter().map(str::to_owned).collect();
    while !rest.is_empty() {
        let is_ready = |node: &Node| node.required_by.is_subset(&names);
        // There is no circle, so there is always one.
        let at = rest.iter().position(is_ready).unwrap_or(0);
        let next = rest.remove(at);
        names.insert(next.obtained.content.name.clone());
        ordered.push(next);
    }
    ordered
}
