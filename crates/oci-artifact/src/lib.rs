// SPDX-License-Identifier: Apache-2.0
//! Deterministic OCI artifacts: the same files give the same digest, on every machine and in every
//! version.
//!
//! directory → files → tar → deflate/gzip → layer → config → manifest → index → store, and back.
//! The modules stand in that order.
//!
//! A layer is a tar of nothing but paths, modes and contents, compressed by an encoder that gives
//! one stream for an input, for ever. So its digest can be written down beforehand:
//!
//! ```
//! use oci_artifact::{Epoch, digest, gzip, limits, store::Store, tar};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let gzip = gzip::Writer::new(Vec::new(), Epoch::UNIX.gzip_mtime())?;
//! let mut tar = tar::Writer::new(gzip, Epoch::UNIX);
//! tar.append(b"hello.txt", 0o644, 6, &mut &b"hello\n"[..])?;
//! let layer = tar.finish()?.finish()?;
//! let digest = digest::sha256(&layer);
//! assert_eq!(
//!     digest.to_string(),
//!     "sha256:6ab84ade46bb855a097b7837f3114d342d53a0c5dd96693aecf8a4e3ba678fe3"
//! );
//!
//! // A store has it under that digest, and gives it only if it still is what the digest says.
//! # let root = tempfile::tempdir()?;
//! let store = Store::open(root.path())?;
//! store.put_blob(&layer)?;
//! let layer = store.get_blob(&digest)?;
//!
//! // And back. What readers take is limited, for a layer may be anybody's.
//! let tar = gzip::Reader::new(&layer[..], limits::MAX_LAYER_SIZE);
//! let mut files = tar::Reader::new(tar, tar::Limits::default());
//! let mut file = files.next_entry()?.expect("there is one");
//! assert_eq!(file.path(), b"hello.txt");
//! assert_eq!(std::io::read_to_string(&mut file)?, "hello\n");
//! # Ok(())
//! # }
//! ```
//!
//! Whole directories go through [`packager::package`], for which a kind of artifact says what it is
//! ([`kind::ArtifactKind`]): `toolhive-plugins` and `toolhive-skills` are two. The way back is
//! [`extract::extract`].
//!
//! Nothing here reads the clock or the environment, opens a connection or prints; epochs and roots are
//! parameters.

pub mod limits;
pub mod one_or_more;
mod ahead;
pub mod platform;
pub mod directory;
pub mod gzip;
pub mod tar;
pub mod layer;
pub mod config;
pub mod manifest;
pub mod index;
pub mod labels;
pub mod content;
pub mod kind;
pub mod listed_modes;
pub mod packager;
pub mod reader;
pub mod data_home;
pub mod portable;
pub mod builds;
pub mod extract;
pub mod listing;
pub mod comparison;
pub mod identity;
mod surplus;
pub mod verify;
pub mod diff;

pub use go_deflate::{Encoder, Threads};
pub use oci_layout::{
    Descriptor, Digest, Epoch, Error, ErrorKind, Result, descriptor, digest, document, epoch,
    error, json, media_type, observer, reference, referrers, store, worded,
};
pub use one_or_more::OneOrMore;
pub use packager::Packager;
pub use toolhive_diagnostics::{Diagnostic, Excerpt, Help, Position, Remedy};
