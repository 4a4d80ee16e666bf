// SPDX-License-Identifier: Apache-2.0
//! What a manifest or index says: its type, and what it refers to. The one reader of the project reads
//! it (R-54, MAN-5); its bytes stay as they came. What it refuses is an
//! [`InvalidManifest`](crate::ErrorKind::InvalidManifest) here.

pub use oci_artifact::document::{Document, Link};
