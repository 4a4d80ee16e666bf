// SPDX-License-Identifier: Apache-2.0
//! The gate before a version that would run something new (lock.md, 3.1): the models of the old and the
//! new one are compared by the diff that `diff` prints.

use agent_plugin::{Collector, Difference, Inventory, Limits};
use oci_artifact::store::Store;
use oci_artifact::{Error, ErrorKind, Result};
use toolhive_lockfile::Entry;

use super::pins::fetch_pins;
use crate::args::Reading;
use crate::commands::content::Content;
use crate::commands::reading;
use crate::context::Context;
use crate::kind::Kind;

/// The difference between the surfaces of two versions. The old one is fetched by its pin if the store lacks it.
///
/// # Errors
/// Where the old version cannot be had, for then nobody can say what is new.
pub(super) fn difference<K: Kind>(
    old: &Entry,
    new: &Content,
    store: &Store,
    context: &Context,
) -> Result<Difference> {
    let before = match Content::read::<K>(store, &old.digest) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let pin = old.pin().ok_or(error)?;
            let fetched = fetch_pins::<K>(&[pin], store, context)?;
            fetched.into_iter().collect::<Result<Vec<()>>>().map_err(unknown)?;
            Content::read::<K>(store, &old.digest).map_err(unknown)?
        }
        read => read.map_err(unknown)?,
    };
    Ok(Difference::of(&inventory::<K>(&before)?, &inventory::<K>(new)?))
}

fn unknown(error: Error) -> Error {
    let message = "the version of the lock file cannot be fetched, so it is not known what would \
                   newly run";
    Error::new(error.kind(), message)
        .with_help("`diff` shows two versions; --accept-new-executables accepts the new one unseen")
        .caused_by(error)
}

/// The surface of a version.
fn inventory<K: Kind>(content: &Content) -> Result<Inventory> {
    reading::inventory::<K>(&content.files, content.name.clone(), None, &Reading::default())
}

/// The surface of something that was not there at all.
pub(super) fn of_new<K: Kind>(new: &Content) -> Result<Difference> {
    let nothing = Collector::new(Limits::default()).finish();
    let nothing = Inventory::of(&nothing, &K::surface_root(new.name.clone()));
    let mut difference = Difference::of(&nothing, &inventory::<K>(new)?);
    // Nothing has no format to compare.
    difference.comparable = true;
    Ok(difference)
}
