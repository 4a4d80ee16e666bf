// SPDX-License-Identifier: Apache-2.0
//! Mocks of the [`traits`](crate::traits), for the tests of programs that use them.
//!
//! ```
//! use oci_artifact::{Error, ErrorKind};
//! use toolhive_skills::mocks::MockSkillPackager;
//! use toolhive_skills::traits::{PackageOptions, SkillPackager};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let mut packager = MockSkillPackager::new();
//! packager
//!     .expect_package()
//!     .returning(|_, _| Err(Error::new(ErrorKind::ManifestMissing, "no SKILL.md")));
//! let result = packager.package("/some/skill".as_ref(), &PackageOptions::default()).await;
//! assert_eq!(result.unwrap_err().kind(), ErrorKind::ManifestMissing);
//! # });
//! ```
// What the macro makes has no documentation of its own.
#![allow(missing_docs)]

use std::path::Path;

use async_trait::async_trait;
use mockall::mock;
use oci_artifact::Result;
use oci_spec::image::Digest;

use crate::store::Store;
use crate::traits::{PackageOptions, PackageResult, RegistryClient, SkillPackager};

mock! {
    /// Stands in for a packager.
    #[derive(Debug)]
    pub SkillPackager {}

    #[async_trait]
    impl SkillPackager for SkillPackager {
        async fn package(
            &self,
            directory: &Path,
            options: &PackageOptions,
        ) -> Result<PackageResult>;
    }
}

mock! {
    /// Stands in for a registry.
    #[derive(Debug)]
    pub RegistryClient {}

    #[async_trait]
    impl RegistryClient for RegistryClient {
        async fn push(&self, store: &Store, digest: &Digest, reference: &str) -> Result<()>;
        async fn pull(&self, store: &Store, reference: &str) -> Result<Digest>;
    }
}
