// SPDX-License-Identifier: Apache-2.0
//! The gate before each host: that many requests at once and no more, small ones first; and what is
//! known of the host's health, which all requests share.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::oneshot;

/// The priority of requests when the gate opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Priority {
    /// Tokens, manifests, questions.
    Small,
    /// Bodies of blobs.
    Large,
}

/// Retries that a host gets for free; after them, one for every five first attempts.
const FREE_RETRIES: f64 = 20.0;
const RETRIES_EARNED: f64 = 0.2;
/// The number of successes after which a host that was throttled counts as well again.
const RECOVERY: u32 = 5;

/// The gates of all hosts.
#[derive(Debug, Default)]
pub(crate) struct Gates(Mutex<BTreeMap<String, Arc<Gate>>>);

impl Gates {
    /// Returns the gate of that host and port; made with `limit` places when it is first asked for.
    pub(crate) fn of(&self, authority: &str, limit: usize) -> Arc<Gate> {
        let mut gates = lock(&self.0);
        if let Some(gate) = gates.get(authority) {
            return Arc::clone(gate);
        }
        let gate = Arc::new(Gate::new(limit));
        gates.insert(authority.to_owned(), Arc::clone(&gate));
        gate
    }
}

/// One host's gate.
#[derive(Debug)]
pub(crate) struct Gate {
    queue: Mutex<Queue>,
    health: Mutex<Health>,
}

#[derive(Debug)]
struct Queue {
    free: usize,
    small: VecDeque<oneshot::Sender<Permit>>,
    large: VecDeque<oneshot::Sender<Permit>>,
}

#[derive(Debug)]
struct Health {
    not_before: Option<SystemTime>,
    successes: u32,
    retries: f64,
}

/// A place behind the gate; dropping it lets the next one in.
#[derive(Debug)]
pub(crate) struct Permit(Option<Arc<Gate>>);

impl Gate {
    fn new(limit: usize) -> Self {
        let queue = Queue { free: limit.max(1), small: VecDeque::new(), large: VecDeque::new() };
        let health = Health { not_before: None, successes: 0, retries: FREE_RETRIES };
        Self { queue: Mutex::new(queue), health: Mutex::new(health) }
    }

    /// Waits for a place. Dropping the future at any moment loses none.
    pub(crate) async fn enter(self: &Arc<Self>, priority: Priority) -> Permit {
        let receiver = {
            let mut queue = lock(&self.queue);
            if queue.free > 0 {
                queue.free -= 1;
                return Permit(Some(Arc::clone(self)));
            }
            let (sender, receiver) = oneshot::channel();
            match priority {
                Priority::Small => queue.small.push_back(sender),
                Priority::Large => queue.large.push_back(sender),
            }
            receiver
        };
        // The sender lives in the queue until it sends. A permit that was sent to a future that
        // is gone is dropped with the channel, and so goes on to the next.
        receiver.await.unwrap_or(Permit(None))
    }

    fn leave(self: Arc<Self>) {
        let mut permit = Permit(Some(Arc::clone(&self)));
        loop {
            let next = {
                let mut queue = lock(&self.queue);
                let next = queue.small.pop_front().or_else(|| queue.large.pop_front());
                if next.is_none() {
                    queue.free += 1;
                    permit.0 = None;
                }
                next
            };
            match next.map(|sender| sender.send(permit)) {
                Some(Err(back)) => permit = back,
                Some(Ok(())) | None => return,
            }
        }
    }

    /// Returns the time that all requests to this host must still wait.
    pub(crate) fn pause(&self, now: SystemTime) -> Option<Duration> {
        let until = lock(&self.health).not_before?;
        until.duration_since(now).ok().filter(|wait| !wait.is_zero())
    }

    /// The host asked everybody to wait until then.
    pub(crate) fn throttle(&self, until: SystemTime) {
        let mut health = lock(&self.health);
        health.successes = 0;
        health.not_before = Some(health.not_before.map_or(until, |before| before.max(until)));
    }

    /// A request was answered well.
    pub(crate) fn succeeded(&self) {
        let mut health = lock(&self.health);
        health.successes = health.successes.saturating_add(1);
        health.retries = (health.retries + RETRIES_EARNED).min(FREE_RETRIES);
        if health.successes >= RECOVERY {
            health.not_before = None;
        }
    }

    /// Takes one of the host's retries, if there is one left.
    pub(crate) fn may_retry(&self) -> bool {
        let mut health = lock(&self.health);
        let may = health.retries >= 1.0;
        if may {
            health.retries -= 1.0;
        }
        may
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(gate) = self.0.take() {
            gate.leave();
        }
    }
}

/// Locks; what a panic left behind is still consistent, as nothing panics between two changes.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[tokio::test]
    async fn small_requests_go_first_r_72() {
        let gate = Arc::new(Gate::new(1));
        let first = gate.enter(Priority::Large).await;
        let mut large = Box::pin(gate.enter(Priority::Large));
        let mut small = Box::pin(gate.enter(Priority::Small));
        assert!((&mut large).now_or_never().is_none() && (&mut small).now_or_never().is_none());
        drop(first);
        assert!((&mut large).now_or_never().is_none());
        let second = small.now_or_never().expect("it is its turn");
        drop(second);
        assert!(large.now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_dropped_waiter_loses_no_place_f_122() {
        let gate = Arc::new(Gate::new(1));
        let first = gate.enter(Priority::Small).await;
        let mut gone_before = Box::pin(gate.enter(Priority::Small));
        let mut gone_after = Box::pin(gate.enter(Priority::Small));
        let mut last = Box::pin(gate.enter(Priority::Large));
        assert!((&mut gone_before).now_or_never().is_none());
        assert!((&mut gone_after).now_or_never().is_none());
        assert!((&mut last).now_or_never().is_none());
        drop(gone_before);
        drop(first);
        drop(gone_after);
        drop(last.now_or_never().expect("it is its turn"));
        assert_eq!(lock(&gate.queue).free, 1);
    }

    #[test]
    fn retries_are_earned_r_71() {
        let gate = Gate::new(1);
        assert_eq!((0..100).filter(|_| gate.may_retry()).count(), 20);
        (0..11).for_each(|_| gate.succeeded());
        assert_eq!((0..100).filter(|_| gate.may_retry()).count(), 2);
    }

    #[test]
    fn a_pause_is_shared_and_ends_after_five_successes_r_71() {
        let gate = Gate::new(1);
        let now = SystemTime::UNIX_EPOCH;
        assert_eq!(gate.pause(now), None);
        gate.throttle(now + Duration::from_secs(9));
        gate.throttle(now + Duration::from_secs(3));
        assert_eq!(gate.pause(now), Some(Duration::from_secs(9)));
        assert_eq!(gate.pause(now + Duration::from_secs(9)), None);
        (0..5).for_each(|_| gate.succeeded());
        assert_eq!(gate.pause(now), None);
    }
}
