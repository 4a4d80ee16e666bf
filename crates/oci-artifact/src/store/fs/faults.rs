// SPDX-License-Identifier: Apache-2.0
//! Lets the n-th change of a file fail that some work makes.

use std::cell::Cell;
use std::io;

thread_local! {
    static PLAN: Cell<Option<Plan>> = const { Cell::new(None) };
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

/// Which calls fail, counted from 0.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Plan {
    /// That one: a disk's bad moment.
    Only(usize),
    /// That one and all after it: a full disk, or a process that died there.
    From(usize),
}

/// Does `work` under that plan; its result, and how many calls it made.
pub(in crate::store) fn under<T>(plan: Option<Plan>, work: impl FnOnce() -> T) -> (T, usize) {
    PLAN.set(plan);
    CALLS.set(0);
    let result = work();
    PLAN.set(None);
    (result, CALLS.get())
}

pub(super) fn check(_call: &'static str) -> io::Result<()> {
    let call = CALLS.get();
    CALLS.set(call + 1);
    let fails = match PLAN.get() {
        None => false,
        Some(Plan::Only(at)) => call == at,
        Some(Plan::From(at)) => call >= at,
    };
    if fails { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
}
