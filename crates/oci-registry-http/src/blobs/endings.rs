// SPDX-License-Identifier: Apache-2.0
//! Counts the upload sessions that are open in registries, so that a process that ends can wait until abandoned ones
//! were ended there.

use std::sync::Arc;

use tokio::sync::watch;

/// Counts what is open. Clones count together.
#[derive(Clone, Debug)]
pub(crate) struct Endings(Arc<watch::Sender<usize>>);

impl Default for Endings {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

/// One thing that is open, until this is dropped.
#[derive(Debug)]
pub(crate) struct Open(Endings);

impl Endings {
    pub(crate) fn open(&self) -> Open {
        self.0.send_modify(|open| *open = open.saturating_add(1));
        Open(self.clone())
    }

    /// Waits until nothing is open.
    pub(crate) async fn settled(&self) {
        // The sender is here, so that it cannot fail.
        let _ = self.0.subscribe().wait_for(|open| *open == 0).await;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.send_modify(|open| *open = open.saturating_sub(1));
    }
}
