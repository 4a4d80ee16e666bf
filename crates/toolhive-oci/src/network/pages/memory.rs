// SPDX-License-Identifier: Apache-2.0
//! A memory of values that are made once, within bounds: what was not asked for longest goes first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Values by key, of at most that many bytes in all.
pub(super) struct Memory<K, V> {
    most: usize,
    state: Mutex<State<K, V>>,
}

struct State<K, V> {
    /// The number of bytes of all.
    bytes: usize,
    /// The number of times that anything was asked for.
    now: u64,
    kept: BTreeMap<K, Kept<V>>,
}

struct Kept<V> {
    value: Arc<V>,
    bytes: usize,
    asked: u64,
}

impl<K: Clone + Ord, V> Memory<K, V> {
    /// An empty one that keeps that many bytes.
    pub(super) fn new(most: usize) -> Self {
        let state = State { bytes: 0, now: 0, kept: BTreeMap::new() };
        Self { most, state: Mutex::new(state) }
    }

    /// The value that is kept under that key, or else what `make` makes, which also says how many bytes it has. It is made
    /// outside of the lock: two who ask at once may both make it.
    ///
    /// # Errors
    /// Those of `make`; nothing is kept then.
    pub(super) fn get<E>(
        &self,
        key: &K,
        make: impl FnOnce() -> Result<(V, usize), E>,
    ) -> Result<Arc<V>, E> {
        if let Some(value) = self.known(key) {
            return Ok(value);
        }
        let (value, bytes) = make()?;
        let value = Arc::new(value);
        self.keep(key.clone(), value.clone(), bytes);
        Ok(value)
    }

    fn known(&self, key: &K) -> Option<Arc<V>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.now += 1;
        let now = state.now;
        let kept = state.kept.get_mut(key)?;
        kept.asked = now;
        Some(kept.value.clone())
    }

    fn keep(&self, key: K, value: Arc<V>, bytes: usize) {
        if bytes > self.most {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = state.now;
        if let Some(old) = state.kept.insert(key, Kept { value, bytes, asked }) {
            state.bytes -= old.bytes;
        }
        state.bytes += bytes;
        if state.bytes <= self.most {
            return;
        }
        // A quarter at once, so that it is not sorted at each step.
        let mut ages: Vec<(u64, K)> =
            state.kept.iter().map(|(key, kept)| (kept.asked, key.clone())).collect();
        ages.sort();
        for (_, key) in ages {
            if state.bytes <= self.most / 4 * 3 {
                break;
            }
            if let Some(old) = state.kept.remove(&key) {
                state.bytes -= old.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_for_longest_goes_first_wb_6() {
        let memory = Memory::<u32, u32>::new(100);
        let made = std::cell::Cell::new(0);
        let get = |key: u32, bytes| {
            let make = || {
                made.set(made.get() + 1);
                Ok::<_, ()>((key, bytes))
            };
            memory.get(&key, make).map(|value| *value)
        };
        for key in 0..10 {
            assert_eq!(get(key, 10), Ok(key));
        }
        assert_eq!((get(0, 10), made.get()), (Ok(0), 10), "it is kept");
        assert_eq!(get(10, 10), Ok(10));
        assert_eq!((get(0, 10), made.get()), (Ok(0), 11), "it was asked for");
        assert_eq!((get(1, 10), made.get()), (Ok(1), 12), "it had to go");
        assert_eq!((get(99, 101), get(99, 101), made.get()), (Ok(99), Ok(99), 14), "too large");
        assert!(memory.get(&7_777, || Err::<(u32, usize), _>("no")).is_err());
    }
}
