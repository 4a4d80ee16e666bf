// SPDX-License-Identifier: Apache-2.0
//! A client of OCI registries: the Distribution protocol, authentication, and transfers between an
//! image layout and a repository.
//!
//! [`Client`] → [`Repository`] → [`blobs`], [`manifests`], [`tags`], [`referrers`] → [`transfer`]
//! → [`registry`], over [`auth`] and [`transport`]. The modules stand in that order.
//!
//! What it promises:
//! - Credentials go to the registry that they are for and to its token server: to no other host,
//!   and not to an address that a registry has no business to name.
//! - No secret is in an error, a `Debug` output or a log.
//! - What comes is verified before it is given on; nothing is in a store, and no tag moves, before
//!   all of an artifact is there.
//! - Everything that another side says is bounded, and memory does not grow with blobs.
//! - Any future may be dropped at any time: places at a host's gate, temporary files and upload
//!   sessions come back.
//!
//! It reads no environment: proxies, credential files and certificates are options. The clock and
//! the jitter of retries can be replaced.
//!
//! A registry that runs here (`oci-registry-server`), and an artifact without layers:
//!
//! ```
//! use oci_artifact::reference::{Defaults, Reference};
//! use oci_artifact::store::Store;
//! use oci_registry_http::Client;
//! use oci_registry_http::transfer::{PullOptions, PushOptions, pull, push};
//! use oci_registry_http::transport::connection::Scheme;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! # let root = tempfile::tempdir()?;
//! # let directory = root.path().join("registry");
//! # let server = oci_registry_server::Server::builder().store(directory).start().await?;
//! # let (here, there) = (root.path().join("here"), root.path().join("there"));
//! let store = Store::open(here)?;
//! let config = store.put_blob(b"{}")?;
//! let digest = store.put_manifest(
//!     format!(
//!         r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
//!             "artifactType":"text/plain","layers":[],"config":{{"size":2,"digest":"{config}",
//!             "mediaType":"application/vnd.oci.empty.v1+json"}}}}"#
//!     )
//!     .as_bytes(),
//! )?;
//!
//! // Only what is on this machine may be spoken to without TLS.
//! let client = Client::builder().loopback(Scheme::PlainHttp).build()?;
//! let name = format!("{}/org/demo:v1", server.addr());
//! let reference = Reference::parse(&name, Defaults::Strict)?;
//! let pushed =
//!     push(&client, &store, &digest, &[reference.clone()], &PushOptions::default()).await?;
//! assert_eq!((pushed.blobs_uploaded, pushed.manifests_uploaded), (1, 1));
//!
//! let other = Store::open(there)?;
//! let pulled = pull(&client, &reference, &other, &PullOptions::default()).await?;
//! assert_eq!(pulled.digest, digest);
//! assert_eq!(other.get_manifest(&digest)?, store.get_manifest(&digest)?);
//! # server.shutdown().await;
//! # Ok(())
//! # })
//! # }
//! ```

pub mod client;
pub mod repository;
mod answer;
mod check;
pub mod blobs;
pub mod manifests;
pub mod tags;
pub mod referrers;
pub mod tagged;
pub mod transfer;
pub mod registry;
pub mod services;
pub mod auth;
pub mod transport;
pub mod error;
pub mod link;
mod document;
mod refusal;

pub use check::Checked;
pub use client::{Client, ClientBuilder};
pub use document::{Document, Link};
pub use error::{Error, ErrorKind, Refusal, Result};
pub use registry::{Registry, RegistryBuilder};
pub use repository::Repository;
