// SPDX-License-Identifier: Apache-2.0
//! The rules of a server, and its log.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::seen::Outcome;
use crate::{Door, Fault, Logged, Seen, Times, When};

/// Rules, doors and the log of one server.
#[derive(Default)]
pub(crate) struct Faults {
    rules: Mutex<Vec<Rule>>,
    pub(crate) doors: Mutex<Vec<(Times, Door)>>,
    pub(crate) opened: AtomicU64,
    log: Mutex<Vec<Logged>>,
    requests: AtomicU64,
}

/// A rule that was added to a server.
#[derive(Clone, Debug)]
pub struct Rule(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    when: When,
    fault: Fault,
    described: AtomicU64,
    fired: AtomicU64,
    is_stopped: AtomicBool,
}

impl Rule {
    /// Returns the number of requests that it described so far.
    pub fn described(&self) -> u64 {
        self.0.described.load(Relaxed)
    }

    /// Returns the number of times that it fired so far.
    pub fn fired(&self) -> u64 {
        self.0.fired.load(Relaxed)
    }

    /// Keeps it from firing again.
    pub fn stop(&self) {
        self.0.is_stopped.store(true, Relaxed);
    }

    /// Counts a request; the fault if it fires.
    fn look(&self, seen: &Seen) -> Option<&Fault> {
        let Inner { when, fault, described, fired, is_stopped } = &*self.0;
        if is_stopped.load(Relaxed) || !when.describes(seen) {
            return None;
        }
        let number = described.fetch_add(1, Relaxed).saturating_add(1);
        when.how_often().include(number).then(|| {
            fired.fetch_add(1, Relaxed);
            fault
        })
    }
}

impl Faults {
    pub(crate) fn add(&self, when: When, fault: Fault) -> Rule {
        let (described, fired) = (AtomicU64::new(0), AtomicU64::new(0));
        let is_stopped = AtomicBool::new(false);
        let rule = Rule(Arc::new(Inner { when, fault, described, fired, is_stopped }));
        lock(&self.rules).push(rule.clone());
        rule
    }

    pub(crate) fn add_door(&self, times: Times, door: Door) {
        lock(&self.doors).push((times, door));
    }

    /// Returns the number of the next request.
    pub(crate) fn number(&self) -> u64 {
        self.requests.fetch_add(1, Relaxed).saturating_add(1)
    }

    /// Everything that fires on that request, together.
    pub(crate) fn look(&self, seen: &Seen) -> Option<Fault> {
        let rules = lock(&self.rules).clone();
        let fired: Vec<&Fault> = rules.iter().filter_map(|rule| rule.look(seen)).collect();
        let together = |all: Fault, fault: &&Fault| all.and(fault);
        (!fired.is_empty()).then(|| fired.iter().fold(Fault::default(), together))
    }

    pub(crate) fn write(&self, seen: Seen, outcome: Arc<Outcome>) {
        lock(&self.log).push(Logged::new(seen, outcome));
    }

    pub(crate) fn log(&self) -> Vec<Logged> {
        lock(&self.log).clone()
    }

    pub(crate) fn clear_log(&self) {
        lock(&self.log).clear();
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
