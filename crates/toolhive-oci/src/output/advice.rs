// SPDX-License-Identifier: Apache-2.0
//! Advice of the libraries, with what to type.

use oci_artifact::{Help, Remedy};

/// The advice, in which a remedy is the command or the option for it.
pub(crate) fn advice(help: &Help) -> String {
    help.worded(|remedy| match remedy {
        Remedy::RepairStore => "`store check --repair`".into(),
        Remedy::CollectGarbage => "`store gc`".into(),
        Remedy::ListBuilds => "`list --stored`".into(),
        Remedy::NameStore => "--store".into(),
        Remedy::Force => "--force".into(),
        other => other.as_str().into(),
    })
}
