// SPDX-License-Identifier: Apache-2.0
//! Signatures of artifacts, made and checked (docs/spec/signatures.md): Sigstore bundles that
//! are attached as referrers, and cosign's simple signing at the tag `sha256-<hex>.sig`.
//!
//! A signature counts only for the artifact that its signed bytes name ([`verify`]); the key that is
//! expected decides the algorithm ([`key`]). Nothing here asks a registry, a clock or the environment:
//! whatever is needed is given as bytes.
//!
//! The feature `certificates` brings what checks certificates and logs; without it a [`root::Root`] is
//! an error ([`FaultKind::Unsupported`]), and keys and policies are all that counts.
//!
//! ```
//! use signatures::key::PrivateKey;
//! use signatures::sign::{Request, Signed};
//! use signatures::verify::{Expected, verify_bundle, verify_simple};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let manifest = b"{}";
//! let digest = oci_artifact::digest::sha256(manifest);
//! // In earnest these bytes come from the system's generator.
//! let key = PrivateKey::from_random(&[7; 32])?;
//! let request = Request::new(&digest, "registry.example/me/demo");
//! let signed = Signed::new(&request, &key)?;
//!
//! let keys = [key.public()?];
//! let expected = Expected::new(&digest, manifest, &keys);
//! verify_bundle(&signed.bundle, &expected)?;
//! verify_simple(&signed.payload, &signed.simple.annotations(), &expected)?;
//! let other = oci_artifact::digest::sha256(b"another artifact");
//! verify_bundle(&signed.bundle, &Expected::new(&other, b"another artifact", &keys))
//!     .expect_err("it names the first one");
//! # Ok(())
//! # }
//! ```

pub mod fault;
mod strict;
mod pem;
mod encrypted;
pub mod key;
pub mod payload;
pub mod statement;
pub mod envelope;
mod entry;
pub mod bundle;
pub mod layout;
mod pattern;
pub mod identity;
pub mod policy;
#[cfg_attr(not(feature = "certificates"), path = "vouching/absent.rs")]
mod vouching;
mod certificate;
mod annotated;
pub mod root;
pub mod verify;
pub mod sign;
pub mod keyless;

pub use fault::{Fault, FaultKind};
pub use pattern::Pattern;
