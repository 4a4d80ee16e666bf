// SPDX-License-Identifier: Apache-2.0
//! Lets the n-th change of a file fail that some work makes.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

thread_local! {
    static HERE: RefCell<Here> = RefCell::default();
}

/// Which calls fail, counted from 0.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Plan {
    /// That one: a disk's bad moment.
    Only(usize),
    /// That one and all after it: a full disk, or a process that died there.
    From(usize),
}

/// The plan for a thread, and how many calls were made under it.
#[derive(Clone, Default)]
pub(super) struct Here {
    plan: Option<Plan>,
    calls: Arc<AtomicUsize>,
}

/// What holds for this thread.
pub(super) fn here() -> Here {
    HERE.with_borrow(Here::clone)
}

impl Here {
    /// Lets it hold for this thread too.
    pub(super) fn enter(&self) {
        HERE.replace(self.clone());
    }
}

/// Does `work` under that plan; its result, and how many calls it made.
pub(in crate::store) fn under<T>(plan: Option<Plan>, work: impl FnOnce() -> T) -> (T, usize) {
    let here = Here { plan, calls: Arc::default() };
    here.enter();
    let result = work();
    Here::default().enter();
    (result, here.calls.load(Ordering::SeqCst))
}

pub(super) fn check(_call: &'static str) -> io::Result<()> {
    let here = here();
    let call = here.calls.fetch_add(1, Ordering::SeqCst);
    let fails = match here.plan {
        None => false,
        Some(Plan::Only(at)) => call == at,
        Some(Plan::From(at)) => call >= at,
    };
    if fails { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
}
