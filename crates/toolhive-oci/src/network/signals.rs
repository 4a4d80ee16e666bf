// SPDX-License-Identifier: Apache-2.0
//! Signals, for work that waits for connections.

use std::future::poll_fn;
use std::task::Poll;

use tokio::signal::unix::{SignalKind, signal};

use crate::signals::Stop;

impl Stop {
    /// Waits for a signal; returns at once if one has come.
    pub(super) async fn asked(&self) {
        let mut streams: Vec<_> = self
            .listen()
            .iter()
            .filter_map(|heard| signal(SignalKind::from_raw(heard.number())).ok())
            .collect();
        // After the streams are there: none can come in between.
        if self.signal().is_some() {
            return;
        }
        poll_fn(|context| {
            let is_asked = streams.iter_mut().any(|stream| stream.poll_recv(context).is_ready());
            if is_asked { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}
