// SPDX-License-Identifier: Apache-2.0
//! The packager of skills.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use oci_artifact::Result;
use oci_artifact::observer::Observer;

use crate::kind::Skill;
use crate::traits::{PackageOptions, PackageResult, SkillPackager};

/// Packages skills into a store.
pub type Packager = oci_artifact::Packager<Skill>;

#[async_trait]
impl SkillPackager for Packager {
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
