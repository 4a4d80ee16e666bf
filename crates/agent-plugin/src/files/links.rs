// SPDX-License-Identifier: Apache-2.0
//! Symbolic links (S-8): followed inside the tree, never out of it.

use super::Files;
use crate::path;

/// The number of times that the paths that links make are extended by further links.
const ROUNDS: usize = 8;

/// A symbolic link.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Link {
    /// The path of the link, below the root.
    pub path: String,
    /// The target as it is written.
    pub target: String,
    /// The state of the target.
    pub state: LinkState,
}

/// The state of a link's target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// A link to something in the tree.
    Inside,
    /// Out of the tree; what is there was not looked at.
    Outside,
    /// A link to nothing.
    Dangling,
}

impl Link {
    pub(super) fn new(path: String, target: String) -> Self {
        Self { path, target, state: LinkState::Dangling }
    }

    /// Returns the path that it leads to, from the root.
    fn destination(&self) -> Option<String> {
        path::join(path::parent(&self.path), &self.target)
    }
}

/// Adds the paths that lead through links.
pub(super) fn follow(files: &mut Files) {
    let mut links = std::mem::take(&mut files.links);
    for _ in 0..ROUNDS {
        let mut found = Vec::new();
        for link in &mut links {
            let Some(destination) = link.destination() else {
                link.state = LinkState::Outside;
                continue;
            };
            if let Some(at) = files.paths.get(&destination) {
                link.state = LinkState::Inside;
                found.push((link.path.clone(), *at));
                continue;
            }
            let prefix = path::child(&destination, "");
            // A link to a directory that holds the link would have no end.
            if link.path.starts_with(&prefix) {
                link.state = LinkState::Inside;
                continue;
            }
            let below = files.paths.range(prefix.clone()..);
            for (path, at) in below.take_while(|(path, _)| path.starts_with(&prefix)) {
                link.state = LinkState::Inside;
                let rest = path.get(prefix.len()..).unwrap_or_default();
                found.push((format!("{}/{rest}", link.path), *at));
                if found.len() >= files.limits.entries {
                    break;
                }
            }
        }
        let before = files.paths.len();
        for (path, at) in found {
            if files.paths.len() >= files.limits.entries && !files.paths.contains_key(&path) {
                files.truncated = true;
                break;
            }
            files.paths.entry(path).or_insert(at);
        }
        if files.paths.len() == before {
            break;
        }
    }
    files.links = links;
}
