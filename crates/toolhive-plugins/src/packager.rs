// SPDX-License-Identifier: Apache-2.0
//! The packager of plugins.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use oci_artifact::Result;
use oci_artifact::observer::Observer;
use oci_artifact::packager;

use crate::kind::Plugin;
use crate::store::Store;
use crate::traits::{PackageOptions, PackageResult, PluginPackager};

/// Packages plugins into a store.
#[derive(Clone, Debug)]
pub struct Packager {
    store: Arc<Store>,
}

impl Packager {
    /// A packager for that store.
    pub fn new(store: impl Into<Arc<Store>>) -> Self {
        Self { store: store.into() }
    }

    /// [`PluginPackager::package`] for callers that may block, with an eye on the work.
    ///
    /// # Errors
    /// As [`PluginPackager::package`].
    pub fn package_blocking(
        &self,
        directory: &Path,
        options: &PackageOptions,
        observer: &dyn Observer,
    ) -> Result<PackageResult> {
        packager::package::<Plugin>(&self.store, directory, options, observer)
    }
}

#[async_trait]
impl PluginPackager for Packager {
    async fn package(&self, directory: &Path, options: &PackageOptions) -> Result<PackageResult> {
        let (this, directory, options) = (self.clone(), directory.to_owned(), options.clone());
        toolhive_offload::run(move |observer| this.package_blocking(&directory, &options, observer))
            .await
    }
}
