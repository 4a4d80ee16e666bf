// SPDX-License-Identifier: Apache-2.0
//! Does an artifact come from that directory?

use std::path::Path;

use oci_artifact::Result;
use oci_artifact::observer::Observer;
use oci_artifact::original::ContentSource;

use crate::kind::Plugin;

pub use oci_artifact::verify::{Difference, Field, Part, Verdict, Verification};

/// Makes the plugin at `directory` again, with the times, the platforms and the modes of the artifact
/// that `reference` names in `source` (a [`Store`](crate::store::Store), or a registry), and compares.
///
/// # Errors
/// As of [`oci_artifact::verify::verify`].
pub fn verify(
    source: &dyn ContentSource,
    reference: &str,
    directory: &Path,
    observer: &dyn Observer,
) -> Result<Verification> {
    oci_artifact::verify::verify::<Plugin>(source, reference, directory, observer)
}
