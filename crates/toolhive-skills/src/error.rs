// SPDX-License-Identifier: Apache-2.0
//! Errors of this crate. The first six kinds of [`ErrorKind`] are the classes in which a directory
//! can be refused (format.md, 1.6): `InvalidDir`, `ManifestMissing`, `InvalidManifest`,
//! `TooManyFiles`, `TooLarge`, `InvalidFile`.

pub use oci_artifact::{Diagnostic, Error, ErrorKind, Position, Result};
