// SPDX-License-Identifier: Apache-2.0
//! Something that happens once work takes long, unless that is over by then.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// The time after which people wonder whether anything happens.
const LONG: Duration = Duration::from_millis(500);

/// The time at which it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happens {
    AtOnce,
    /// After half a second.
    OnceLong,
}

/// Does something half a second after it was made, unless it has ended.
pub(crate) struct Later {
    is_over: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Later {
    /// Begins to wait, or does it at once.
    pub(crate) fn new(happens: Happens, show: impl FnOnce() + Send + 'static) -> Self {
        let is_over = Arc::new((Mutex::new(false), Condvar::new()));
        if happens == Happens::AtOnce {
            show();
            return Self { is_over, thread: None };
        }
        let seen = Arc::clone(&is_over);
        let wait = move || {
            let (is_over, changed) = &*seen;
            let guard = is_over.lock().unwrap_or_else(PoisonError::into_inner);
            let waited = changed.wait_timeout_while(guard, LONG, |is_over| !*is_over);
            let (guard, waited) = waited.unwrap_or_else(PoisonError::into_inner);
            // Whoever ends it waits for this.
            if waited.timed_out() {
                show();
            }
            drop(guard);
        };
        // Where there can be no thread, nothing is shown.
        let thread = std::thread::Builder::new().spawn(wait).ok();
        Self { is_over, thread }
    }

    /// Ends it: from now on it does not happen.
    pub(crate) fn end(&mut self) {
        let (is_over, changed) = &*self.is_over;
        *is_over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic there was said already.
            let _ = thread.join();
        }
    }
}

impl Drop for Later {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn it_happens_once_unless_it_has_ended() {
        let (happened, seen) = mpsc::channel();
        let late = happened.clone();
        let later = Later::new(Happens::OnceLong, move || late.send("late").expect("is heard"));
        assert_eq!(seen.recv(), Ok("late"));
        drop(later);
        let now = happened.clone();
        drop(Later::new(Happens::AtOnce, move || now.send("now").expect("is heard")));
        assert_eq!(seen.recv(), Ok("now"));
        drop(Later::new(Happens::OnceLong, move || happened.send("never").expect("is heard")));
        assert!(seen.recv().is_err(), "nobody is left, and nothing was sent");
    }
}
