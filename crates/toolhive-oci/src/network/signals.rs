// SPDX-License-Identifier: Apache-2.0
//! Signals, for work that waits for connections.

#[cfg(unix)]
use std::future::poll_fn;
#[cfg(unix)]
use std::task::Poll;

#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};

use crate::signals::Stop;

impl Stop {
    /// Waits for Ctrl-C; returns at once if it has come.
    #[cfg(not(unix))]
    pub(super) async fn asked(&self) {
        self.listen();
        let asked = tokio::signal::ctrl_c();
        // After it is heard: none can come in between.
        if self.signal().is_none() && asked.await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits for a signal; returns at once if one has come.
    #[cfg(unix)]
    pub(super) async fn asked(&self) {
        let mut streams: Vec<_> = self
            .listen()
            .iter()
            .filter_map(|heard| signal(SignalKind::from_raw(heard.number)).ok())
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
