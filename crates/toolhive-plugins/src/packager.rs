// SPDX-License-Identifier: Apache-2.0
//! The packager of plugins.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use oci_artifact::Result;
use oci_artifact::observer::Observer;

use crate::kind::Plugin;
use crate::traits::{PackageOptions, PackageResult, PluginPackager};

/// Packages plugins into a store.
pub type Packager = oci_artifact::Packager<Plugin>;

#[async_trait]
impl PluginPackager for Packager {
    async fn package(
        &self,
        directory: &Path,
        options: &PackageOptions,
        observer: Arc<dyn Observer>,
    ) -> Result<PackageResult> {
        let (this, directory, options) = (self.clone(), directory.to_owned(), options.clone());
        let work =
            move |observer: &dyn Observer| this.package_blocking(&directory, &options, observer);
        toolhive_offload::run_watched(observer, work).await
    }
}
