// SPDX-License-Identifier: Apache-2.0
//! Lets a thread's n-th change of a file fail.

use std::cell::Cell;
use std::io;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
    static PLAN: Cell<Option<Plan>> = const { Cell::new(None) };
}

/// Which calls of this thread fail, counted from 0.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Plan {
    /// That one: a disk's bad moment.
    Only(usize),
    /// That one and all after it: a full disk, or a process that died there.
    From(usize),
}

/// Does `work` under that plan; its result, and how many calls it made.
pub(in crate::store) fn under<T>(plan: Option<Plan>, work: impl FnOnce() -> T) -> (T, usize) {
    CALLS.set(0);
    PLAN.set(plan);
    let result = work();
    PLAN.set(None);
    (result, CALLS.get())
}

pub(super) fn check(_call: &'static str) -> io::Result<()> {
    let call = CALLS.replace(CALLS.get() + 1);
    let fails = match PLAN.get() {
        None => false,
        Some(Plan::Only(at)) => call == at,
        Some(Plan::From(at)) => call >= at,
    };
    if fails { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
}
