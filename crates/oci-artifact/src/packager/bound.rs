// SPDX-License-Identifier: Apache-2.0
//! A packager: the flow for one kind of artifact, into one store.

use std::fmt;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::Arc;

use super::{PackageOptions, PackageResult, package};
use crate::error::Result;
use crate::kind::ArtifactKind;
use crate::observer::Observer;
use crate::store::Store;

/// Packages directories of one kind into a store. Clones share it.
pub struct Packager<K> {
    store: Arc<Store>,
    kind: PhantomData<fn() -> K>,
}

impl<K> Packager<K> {
    /// Creates a packager for that store.
    pub fn new(store: impl Into<Arc<Store>>) -> Self {
        Self { store: store.into(), kind: PhantomData }
    }

    /// Returns the store of the packager.
    pub fn store(&self) -> &Store {
        &self.store
    }
}

impl<K: ArtifactKind> Packager<K> {
    /// Packages the directory at that path, as [`package`] does, for callers that may block.
    ///
    /// # Errors
    /// Those of [`package`].
    pub fn package_blocking(
        &self,
        directory: impl AsRef<Path>,
        options: &PackageOptions,
        observer: &dyn Observer,
    ) -> Result<PackageResult<K::Config>> {
        package::<K>(&self.store, directory.as_ref(), options, observer)
    }
}

// A derived one would want the kind to have it, too.
impl<K> Clone for Packager<K> {
    fn clone(&self) -> Self {
        Self { store: Arc::clone(&self.store), kind: PhantomData }
    }
}

impl<K> fmt::Debug for Packager<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packager").field("store", &self.store).finish()
    }
}
