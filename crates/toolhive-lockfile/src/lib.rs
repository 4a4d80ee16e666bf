// SPDX-License-Identifier: Apache-2.0
//! ToolHive's lock file, `toolhive.lock.yaml`: the same reviewed skills and plugins for everybody.
//!
//! bytes → `read` → [`LockFile`] → `rules`, [`graph`] → `write` → bytes. What another program put
//! into the file is kept, and what `yaml.v3` wrote is written back byte for byte (lock.md, 2.3).
//! [`content_digest`] proves that a tree is what an entry says; [`Session`] is one change of the
//! file on disk. Nothing here places a tree or opens a connection.
//!
//! ```
//! let text = b"version: 1\nskills:\n    - name: demo\n      source: ghcr.io/acme/demo:1\n      \
//!     digest: sha256:0000000000000000000000000000000000000000000000000000000000000000\n";
//! let lock = toolhive_lockfile::read(text)?;
//! assert_eq!(lock.skills[0].name, "demo");
//! assert_eq!(toolhive_lockfile::write(&lock)?.as_bytes(), text);
//! # Ok::<(), oci_artifact::Error>(())
//! ```

mod value;
mod model;
mod rules;
pub mod graph;
mod read;
mod write;
pub mod content_digest;
mod session;

pub use model::{Entry, LockFile, Provenance};
pub use read::{MAX_ENTRIES, MAX_SIZE, read};
pub use rules::{Field, Refusal, is_name};
pub use session::{FILE_NAME, LOCK_NAME, Session, load};
pub use value::{MAX_DEPTH, MAX_KEY, Scalar, Type, Value};
pub use write::write;
