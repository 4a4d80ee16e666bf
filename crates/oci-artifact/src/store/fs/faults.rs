// SPDX-License-Identifier: Apache-2.0
//! Lets the n-th change of a file fail that some work makes, or the n-th look at one, and tells which
//! changes it made.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::PathBuf;

thread_local! {
    static PLAN: Cell<Option<Plan>> = const { Cell::new(None) };
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
    static FAILING_READ: Cell<Option<usize>> = const { Cell::new(None) };
    static READS: Cell<usize> = const { Cell::new(0) };
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

/// Does `work` while that call fails which only reads, counted from 0; its result, and how many of
/// them it made.
pub(in crate::store) fn under_failing_read<T>(at: usize, work: impl FnOnce() -> T) -> (T, usize) {
    FAILING_READ.set(Some(at));
    READS.set(0);
    let result = work();
    FAILING_READ.set(None);
    (result, READS.get())
}

pub(super) fn read<P>(_: &'static str, _: P) -> io::Result<()> {
    let number = READS.replace(READS.get() + 1);
    match FAILING_READ.get() {
        Some(at) if at == number => Err(io::Error::other("the disk does not answer")),
        _ => Ok(()),
    }
}

pub(super) fn check<P: Copy + Into<PathBuf>>(call: &'static str, paths: &[P]) -> io::Result<()> {
    let number = CALLS.with_borrow_mut(|calls| {
        calls.push((call, paths.iter().map(|path| (*path).into()).collect()));
        calls.len() - 1
    });
    let fails = match PLAN.get() {
        None => false,
        Some(Plan::Only(at)) => number == at,
        Some(Plan::From(at)) => number >= at,
    };
    if fails { Err(io::Error::from(io::ErrorKind::StorageFull)) } else { Ok(()) }
}
