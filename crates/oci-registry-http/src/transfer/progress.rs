// SPDX-License-Identifier: Apache-2.0
//! Progress of a transfer.

use oci_artifact::Digest;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;

use crate::transport::gate::lock;

/// The shortest time between two events about bytes of one blob.
const PAUSE: Duration = Duration::from_millis(100);

/// The part of an artifact that is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A config or a layer.
    Blob,
    /// A manifest or an index.
    Manifest,
}

/// The state of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// Its bytes begin to move.
    Started,
    /// That many bytes have moved.
    Moving,
    /// Some are sent again: the number went back.
    Rewound,
    /// The part was there already.
    Skipped,
    /// Another repository had the part.
    Mounted,
    /// All of it is there.
    Done,
}

/// An event in the transfer of one part of an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The kind of part.
    pub part: Part,
    /// The digest of the part.
    pub digest: Digest,
    /// The number of its bytes that have moved.
    pub bytes: u64,
    /// The number of its bytes.
    pub total: u64,
    /// The state of the part.
    pub state: State,
}

/// A function that receives events. It is called from the transfer itself and must return at once.
pub type OnEvent = Arc<dyn Fn(Event) + Send + Sync>;

/// Reports the progress of one part.
#[derive(Clone)]
pub(crate) struct Teller {
    on_event: Option<OnEvent>,
    part: Part,
    digest: Digest,
    total: u64,
    last: Arc<Mutex<(u64, Option<Instant>)>>,
}

impl Teller {
    pub(crate) fn new(on_event: Option<&OnEvent>, part: Part, digest: &Digest, total: u64) -> Self {
        let on_event = on_event.cloned();
        Self { on_event, part, digest: *digest, total, last: Arc::default() }
    }

    pub(crate) fn tell(&self, state: State) {
        let bytes = match state {
            State::Started => 0,
            _ => self.total,
        };
        self.send(bytes, state);
    }

    /// Reports that many moved bytes, from time to time.
    pub(crate) fn moved(&self, bytes: u64) {
        if self.on_event.is_none() {
            return;
        }
        let state = {
            let mut last = lock(&self.last);
            let (before, at) = *last;
            let is_back = bytes < before;
            if !is_back && at.is_some_and(|at| at.elapsed() < PAUSE) {
                return;
            }
            *last = (bytes, Some(Instant::now()));
            if is_back { State::Rewound } else { State::Moving }
        };
        self.send(bytes, state);
    }

    fn send(&self, bytes: u64, state: State) {
        if let Some(on_event) = &self.on_event {
            let Self { part, digest, total, .. } = self.clone();
            on_event(Event { part, digest, bytes, total, state });
        }
    }
}
