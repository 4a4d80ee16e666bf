// SPDX-License-Identifier: Apache-2.0
//! Lets the n-th change of a file fail that some work makes, and tells which changes it made.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::{Path, PathBuf};

thread_local! {
    static PLAN: Cell<Option<Plan>> = const { Cell::new(None) };
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
}

/// Which calls fail, counted from 0.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Plan {
    /// That one: a disk's bad moment.
    Only(usize),
    /// That one and all after it: a full disk, or a process that died there.
    From(usize),
}

/// What was called, and for which paths.
pub(in crate::store) type Call = (&'static str, Vec<PathBuf>);

/// Does `work` under that plan; its result, and the calls that it made.
pub(in crate::store) fn under<T>(plan: Option<Plan>, work: impl FnOnce() -> T) -> (T, Vec<Call>) {
    PLAN.set(plan);
    CALLS.take();
    let result = work();
    PLAN.set(None);
    (result, CALLS.take())
}

pub(super) fn check(call: &'static str, paths: &[&Path]) -> io::Result<()> {
    let number = CALLS.with_borrow_mut(|calls| {
        calls.push((call, paths.iter().copied().map(Path::to_owned).collect()));
        calls.len() - 1
    });
    let fails = match PLAN.get() {
        None => false,
        Some(Plan::Only(at)) => number == at,
        Some(Plan::From(at)) => number >= at,
    };
    if fails { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
}
