// SPDX-License-Identifier: Apache-2.0
//! Signals that ask the process to end: the first is noted, so that the work under way can leave
//! nothing behind; the second ends the process at once (VB-2).

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use oci_artifact::observer::Observer;
use signal_hook::{consts, flag};

use crate::output::Outcome;

/// A signal that asks the process to end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signal {
    pub(crate) number: i32,
    /// The end of the process because of it.
    outcome: Outcome,
}

/// The signal of Ctrl-C, the one that `kill` and most supervisors send, and the one of a terminal that is gone.
const ALL: &[Signal] = &[
    Signal { number: consts::SIGINT, outcome: Outcome::Interrupted },
    Signal { number: consts::SIGTERM, outcome: Outcome::Terminated },
    #[cfg(unix)]
    Signal { number: consts::SIGHUP, outcome: Outcome::HungUp },
];

/// Whether the process was asked to end. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The number of the signal that came; 0 before.
    came: Arc<AtomicUsize>,
    /// The signals that are listened to, once they are.
    heard: OnceLock<Vec<Signal>>,
}

impl Stop {
    /// Notes the first signal from now on, and lets the second end the process. Signals that its parent made it
    /// ignore (`nohup`, a shell's background) stay ignored; the others are returned.
    pub(crate) fn listen(&self) -> &[Signal] {
        self.0.heard.get_or_init(|| {
            let (ignored, again) = (ignored(), Arc::new(AtomicBool::new(false)));
            let is_heard = |signal: &Signal| ignored & (1 << (signal.number - 1)) == 0;
            let heard: Vec<Signal> = ALL.iter().copied().filter(is_heard).collect();
            for &Signal { number, outcome } in &heard {
                let (came, code) = (Arc::clone(&self.0.came), i32::from(outcome as u8));
                // In this order: the second one finds what the first one set. Where that cannot be
                // done, a signal ends the process as ever.
                let _ = flag::register_conditional_shutdown(number, code, Arc::clone(&again))
                    .and_then(|_| {
                        flag::register_usize(number, came, number.unsigned_abs() as usize)
                    })
                    .and_then(|_| flag::register(number, Arc::clone(&again)));
            }
            heard
        })
    }

    /// The signal that came.
    pub(crate) fn signal(&self) -> Option<Signal> {
        let came = self.0.came.load(Ordering::Relaxed);
        ALL.iter().copied().find(|signal| usize::try_from(signal.number) == Ok(came))
    }

    /// The end of a process whose work was stopped.
    pub(crate) fn outcome(&self) -> Outcome {
        self.signal().map_or(Outcome::Interrupted, |signal| signal.outcome)
    }
}

impl Observer for Stop {
    fn is_cancelled(&self) -> bool {
        self.signal().is_some()
    }
}

/// The signals that the process was started to ignore, a bit each, as far as the system says so.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}
