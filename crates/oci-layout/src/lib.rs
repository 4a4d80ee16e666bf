// SPDX-License-Identifier: Apache-2.0
//! An OCI image layout that neither a crash nor a second process can break, and the one reader of the
//! documents in it.
//!
//! ```
//! use oci_layout::store::{Origin, Store};
//! use oci_layout::{ErrorKind, digest};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let root = tempfile::tempdir()?;
//! let store = Store::open(root.path().join("store"))?;
//! store.put_blob(b"hello\n")?;
//!
//! // A store gives content under its digest, and only if it still is what the digest says.
//! assert_eq!(store.get_blob(&digest::sha256(b"hello\n"))?, b"hello\n");
//! let error = store.get_blob(&digest::sha256(b"another")).expect_err("is not there");
//! assert_eq!(error.kind(), ErrorKind::NotFound);
//!
//! // What belongs together comes in one commit, with its tag: all of it, or nothing.
//! let ingest = store.ingest()?;
//! let index = br#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
//! let index = ingest.put_manifest(index)?;
//! ingest.tag(&index, "v1", Origin::LocalBuild)?;
//! ingest.commit()?;
//! assert_eq!(store.list_tags()?, ["v1"]);
//! # Ok(())
//! # }
//! ```
//!
//! The nouns come first; then JSON, the documents, and the store. Nothing here reads the clock or the
//! environment, opens a connection or prints: the time and the roots are parameters.

mod worded;
pub mod limits;
pub mod error;
pub mod digest;
pub mod descriptor;
pub mod media_type;
pub mod observer;
pub mod reference;
pub mod epoch;
pub mod json;
pub mod document;
pub mod store;
mod parts;
pub mod summary;
pub mod survey;
pub mod referrers;

pub use descriptor::Descriptor;
pub use digest::Digest;
pub use epoch::Epoch;
pub use error::{Error, ErrorKind, Result};
pub use toolhive_diagnostics::{Diagnostic, Excerpt, Help, Position, Remedy};
