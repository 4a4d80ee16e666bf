// SPDX-License-Identifier: Apache-2.0
//! The stand-in for [`vouching`](self) in a build without the feature `certificates`: no certificate is
//! read and no root there, so that none can count, and each attempt says why (SIG-44).

use std::convert::Infallible;

use crate::certificate::Certificate;
use crate::fault::{Fault, FaultKind};
use crate::key::PublicKey;
use crate::root::{Log, Proven};

/// The root that is built in: there is none.
pub(crate) const BUILT_IN: &str = "{}";

/// The error that nothing is there to check certificates with.
pub(crate) fn prepare() -> Result<(), Fault> {
    Err(absent())
}

fn absent() -> Fault {
    let message =
        "this build checks no certificates: it was made without the feature `certificates`";
    Fault::new(FaultKind::Unsupported, message)
}

/// Returns the error that this build reads none.
pub(crate) fn certificate(_der: &[u8]) -> Result<Certificate, Fault> {
    Err(absent())
}

/// The check of what a root vouches for: there is none.
pub(crate) struct Verifier(Infallible);

impl Verifier {
    /// Returns the error that this build has none.
    pub(crate) fn new(_root: &str) -> Result<Self, Fault> {
        Err(absent())
    }

    pub(crate) fn check(
        &self,
        _bundle: &[u8],
        _signed: &[u8],
        _key: &PublicKey,
        _log: Log,
    ) -> Result<Proven, Fault> {
        match self.0 {}
    }

    pub(crate) fn check_key(
        &self,
        _bundle: &[u8],
        _signed: &[u8],
        _key: &PublicKey,
    ) -> Result<Proven, Fault> {
        match self.0 {}
    }
}
