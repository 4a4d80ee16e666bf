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
//! ```no_run
//! use oci_artifact::reference::{Defaults, Reference};
//! use oci_artifact::store::Store;
//! use oci_registry_http::Client;
//! use oci_registry_http::auth::credential::{CredentialStore, Environment};
//! use oci_registry_http::transfer::{PullOptions, pull};
//!
//! # async fn run(environment: Environment, store: Store) -> oci_registry_http::Result<()> {
//! let client =
//!     Client::builder().credentials(CredentialStore::discover(&environment)).build()?;
//! let reference = Reference::parse("ghcr.io/org/plugin:v1", Defaults::Strict)?;
//! let pulled = pull(&client, &reference, &store, &PullOptions::default()).await?;
//! assert!(pulled.requests > 0);
//! # Ok(())
//! # }
//! ```

pub mod client;
pub mod repository;
pub mod blobs;
pub mod manifests;
pub mod tags;
pub mod referrers;
pub mod transfer;
pub mod registry;
pub mod auth;
pub mod transport;
pub mod error;
pub mod link;
mod document;
mod refusal;

pub use client::{Client, ClientBuilder};
pub use document::{Document, Link};
pub use error::{Error, ErrorKind, Refusal, Result};
pub use registry::{Registry, RegistryBuilder};
pub use repository::Repository;
