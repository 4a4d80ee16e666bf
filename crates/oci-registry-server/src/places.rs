// SPDX-License-Identifier: Apache-2.0
//! Places for connections. Their number is limited, and no client can keep all of them: when one
//! more connection comes, the one that has been idle longest gives way (SV-7).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::limits::Limits;
use crate::lock;

/// The time for which a connection may rest undisturbed: what follows an accepted connection or a response is
/// often on its way already.
const REST: Duration = Duration::from_millis(100);
/// The pause after which a connection that waits for a place looks again whether one may give way by now.
const LOOK: Duration = Duration::from_millis(100);
/// The time that one that has to leave gets for it before another one has to.
const LEAVE: Duration = Duration::from_secs(1);

/// All places of a server.
pub(crate) struct Places {
    limit: usize,
    stall_time: Duration,
    taken: Mutex<BTreeMap<u64, Arc<Occupant>>>,
    freed: Notify,
}

/// A connection's place, until it is dropped.
pub(crate) struct Place {
    places: Arc<Places>,
    number: u64,
    occupant: Arc<Occupant>,
}

/// A connection, as far as its place is concerned.
pub(crate) struct Occupant {
    state: Mutex<State>,
    told: Notify,
}

struct State {
    /// The number of requests under way, their responses' bodies included.
    requests: usize,
    has_asked: bool,
    /// The end of the last request; before the first one, the start of the connection.
    rests_since: Instant,
    /// The time when a byte came or went last.
    moved: Instant,
    told_to_leave: Option<Instant>,
}

impl Places {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            limit: limits.connections,
            stall_time: limits.stall_time,
            taken: Mutex::default(),
            freed: Notify::new(),
        })
    }

    /// Returns a place for that connection. If there is none, one that may give way is asked to;
    /// where none may, this waits. Dropping the future takes no place.
    pub(crate) async fn take(self: &Arc<Self>, number: u64) -> Place {
        loop {
            if let Some(place) = self.take_free(number) {
                return place;
            }
            self.make_way();
            // Whether one is free, or another one may give way now, is seen above.
            let _ = tokio::time::timeout(LOOK, self.freed.notified()).await;
        }
    }

    fn take_free(self: &Arc<Self>, number: u64) -> Option<Place> {
        let mut taken = lock(&self.taken);
        if taken.len() >= self.limit.max(1) {
            return None;
        }
        let now = Instant::now();
        let state = State {
            requests: 0,
            has_asked: false,
            rests_since: now,
            moved: now,
            told_to_leave: None,
        };
        let occupant = Arc::new(Occupant { state: Mutex::new(state), told: Notify::new() });
        taken.insert(number, occupant.clone());
        Some(Place { places: self.clone(), number, occupant })
    }

    /// Asks the connection to leave that has been without a request longest; if all have one, that
    /// which has moved no byte for the longest time, if that is too long.
    fn make_way(&self) {
        let now = Instant::now();
        let taken = lock(&self.taken);
        let mut oldest: Option<(bool, Instant, &Arc<Occupant>)> = None;
        for occupant in taken.values() {
            let state = lock(&occupant.state);
            match state.told_to_leave {
                Some(told) if now.duration_since(told) < LEAVE => return,
                Some(_) => continue,
                None => {}
            }
            let is_busy = state.requests > 0;
            let (since, least) = match is_busy {
                true => (state.moved, self.stall_time),
                false => (state.rests_since, REST),
            };
            if now.duration_since(since) < least {
                continue;
            }
            let rank = (is_busy, since);
            if oldest.is_none_or(|(busy, since, _)| rank < (busy, since)) {
                oldest = Some((is_busy, since, occupant));
            }
        }
        if let Some((is_busy, _, occupant)) = oldest {
            tracing::debug!(is_busy, "a connection gives way to another");
            lock(&occupant.state).told_to_leave = Some(now);
            occupant.told.notify_one();
        }
    }
}

impl Place {
    /// Returns the one who has it.
    pub(crate) fn occupant(&self) -> Arc<Occupant> {
        self.occupant.clone()
    }

    /// Done when the connection has to leave.
    pub(crate) async fn told_to_leave(&self) {
        self.occupant.told.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.places.taken).remove(&self.number);
        self.places.freed.notify_one();
    }
}

impl Occupant {
    /// Notes that bytes came or went.
    pub(crate) fn move_on(&self) {
        lock(&self.state).moved = Instant::now();
    }

    /// Notes that a request began; it ends when what this returns is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> Asking {
        let mut state = lock(&self.state);
        state.requests = state.requests.saturating_add(1);
        state.has_asked = true;
        state.moved = Instant::now();
        Asking(self.clone())
    }

    /// Whether a request has come.
    pub(crate) fn has_asked(&self) -> bool {
        lock(&self.state).has_asked
    }
}

/// A request under way.
pub(crate) struct Asking(Arc<Occupant>);

impl Drop for Asking {
    fn drop(&mut self) {
        let mut state = lock(&self.0.state);
        state.requests = state.requests.saturating_sub(1);
        state.rests_since = Instant::now();
    }
}
