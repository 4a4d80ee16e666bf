// SPDX-License-Identifier: Apache-2.0
//! The hosts that a lock file names, as installing changes them (PL-5).

use oci_artifact::Result;
use toolhive_lockfile::{LockFile, Scalar, Value, load};
use toolhive_places::Read;

use crate::args;
use crate::commands::project::{OWN_KEY, Project, clients_key, root};
use crate::kind::Kind;

impl Project {
    /// Reads the lock file; an empty one if there is none.
    pub(crate) fn open_or_new(args: &args::Project) -> Result<Self> {
        let root = root(args)?;
        let lock = load(&root)?.unwrap_or_default();
        Ok(Self::new(root, lock))
    }

    /// The clients that the lock file is to name from now on, so that everybody has the same ones; `None` if nothing
    /// changes (PL-5).
    pub(crate) fn clients_with<K: Kind>(&self, more: &[String]) -> Result<Option<Vec<String>>> {
        let named = self.named_clients(K::READ)?;
        if more.is_empty() && (named.is_some() || K::READ == Read::Plugins) {
            return Ok(None);
        }
        let mut clients = match (named, more) {
            (Some(named), _) => named,
            (None, []) => self.clients(K::READ)?,
            (None, _) => Vec::new(),
        };
        for client in more {
            if !clients.contains(client) {
                clients.push(client.clone());
            }
        }
        Ok(Some(clients))
    }
}

/// Records the clients of a kind in a lock file, for later commands.
pub(crate) fn name_clients(lock: &mut LockFile, read: Read, clients: &[String]) {
    let list = clients.iter().map(|client| Value::Scalar(Scalar::text(client))).collect();
    let at = lock
        .other
        .iter()
        .position(|(key, value)| key.text == OWN_KEY && matches!(value, Value::Map(_)));
    if at.is_none() {
        lock.other.retain(|(key, _)| key.text != OWN_KEY);
        lock.other.push((Scalar::text(OWN_KEY), Value::Map(Vec::new())));
    }
    let own = lock.other.iter_mut().find(|(key, _)| key.text == OWN_KEY);
    if let Some((_, Value::Map(pairs))) = own {
        pairs.retain(|(key, _)| key.text != clients_key(read));
        pairs.push((Scalar::text(clients_key(read)), Value::List(list)));
    }
}
