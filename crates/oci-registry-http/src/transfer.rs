// SPDX-License-Identifier: Apache-2.0
//! Whole artifacts on their way: [`push`](push()) from a store to registries, [`pull`](pull())
//! into a store, [`copy`](copy()) between registries (R-56, R-72 to R-75; format.md 10).
//!
//! All three count their requests, tell how far they are, and leave nothing half done behind: a tag
//! moves last, in the registry as in the store.

mod graph;
pub mod progress;
pub mod push;
pub mod acceptance;
pub mod pull;
pub mod copy;
pub mod attached;

pub use acceptance::{Expectation, PullLimits};
pub use attached::{Attached, Layout, copy_attached, list_attached, pull_attached, push_attached};
pub use copy::copy;
pub use progress::{Event, OnEvent, Part, State};
pub use pull::{PullOptions, Pulled, pull};
pub use push::{Existing, PushOptions, Pushed, push};

#[cfg(test)]
mod tests {
    use super::*;

    /// Transfers can be spawned and boxed: that this compiles is the proof.
    #[expect(dead_code, reason = "nothing is to be sent")]
    fn transfers_are_send(
        client: &crate::Client,
        store: &oci_artifact::store::Store,
        reference: &oci_artifact::reference::Reference,
        digest: &oci_spec::image::Digest,
    ) {
        fn is_send(_: impl Send) {}
        let options = PushOptions::default();
        is_send(push(client, store, digest, std::slice::from_ref(reference), &options));
        is_send(pull(client, reference, store, &PullOptions::default()));
        is_send(copy(client, reference, reference, &options));
    }
}
