// SPDX-License-Identifier: Apache-2.0
//! The kind of an artifact in a registry, where that is why something failed (VB-1).

use oci_artifact::identity::identify;
use oci_artifact::reader::ContentSource;
use oci_artifact::{Error, ErrorKind};

use crate::kind::{Kind, check};

/// The error that says what `reference` is, where that is why something failed; else the same error.
pub(super) fn explain<K: Kind>(
    source: &dyn ContentSource,
    reference: &str,
    words: &[&str],
    error: Error,
) -> Error {
    match error.kind() {
        ErrorKind::InvalidDocument | ErrorKind::Registry => {}
        _ => return error,
    }
    // Where nobody answered, nobody answers now.
    let cause = std::error::Error::source(&error)
        .and_then(|cause| cause.downcast_ref::<oci_registry_http::Error>());
    if cause.is_some_and(is_silence) {
        return error;
    }
    // What cannot be found out now changes nothing of why it failed.
    let identity = identify(source, reference).ok();
    identity.and_then(|found| check::refusal::<K>(&found, reference, words)).unwrap_or(error)
}

/// Whether nobody answered.
fn is_silence(error: &oci_registry_http::Error) -> bool {
    use oci_registry_http::ErrorKind as Cause;
    matches!(
        error.kind(),
        Cause::Network
            | Cause::Timeout
            | Cause::UnknownHost
            | Cause::Tls
            | Cause::WrongScheme
            | Cause::Proxy
            | Cause::ForbiddenAddress
    )
}
