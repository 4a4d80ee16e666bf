// SPDX-License-Identifier: Apache-2.0
//! Makes the n-th change of a file, or the n-th lookup of one, fail during some work, and records
//! the calls that it made.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::PathBuf;

use held_directory::Errno;

thread_local! {
    static PLAN: Cell<Option<Plan>> = const { Cell::new(None) };
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
    static LOOKS: Cell<Option<(Looks, Errno)>> = const { Cell::new(None) };
    static LOOKED: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
}

/// The changes that fail, counted from 0.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Plan {
    /// One change fails: a disk's bad moment.
    Only(usize),
    /// One change and all after it fail: a full disk, or a process that died there.
    From(usize),
}

/// The lookups that fail, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Looks {
    /// One lookup fails: a moment without a free descriptor.
    Only(usize),
    /// One lookup and all after it fail: a disk that is gone.
    From(usize),
    /// One lookup and all after it at the same path fail: a bad sector, a missing permission.
    There(usize),
}

/// The name of a call, and its paths.
pub(in crate::store) type Call = (&'static str, Vec<PathBuf>);

/// Runs `work` under that plan; returns its result, and the changes that it made.
pub(in crate::store) fn under<T>(plan: Option<Plan>, work: impl FnOnce() -> T) -> (T, Vec<Call>) {
    PLAN.set(plan);
    CALLS.take();
    let result = work();
    PLAN.set(None);
    (result, CALLS.take())
}

/// Runs `work` while those lookups fail with that error; returns its result, and the lookups that
/// it made.
pub(in crate::store) fn blind<T>(
    looks: Option<(Looks, Errno)>,
    work: impl FnOnce() -> T,
) -> (T, Vec<Call>) {
    LOOKS.set(looks);
    LOOKED.take();
    let result = work();
    LOOKS.set(None);
    (result, LOOKED.take())
}

pub(super) fn look<P: Into<PathBuf>>(call: &'static str, path: P) -> io::Result<()> {
    let path = path.into();
    let plan = LOOKS.get();
    let (number, is_there) = LOOKED.with_borrow_mut(|looked| {
        looked.push((call, vec![path.clone()]));
        let first = match plan {
            Some((Looks::There(at), _)) => looked.get(at),
            _ => None,
        };
        (looked.len() - 1, first.is_some_and(|(_, paths)| paths.contains(&path)))
    });
    let Some((looks, errno)) = plan else { return Ok(()) };
    let fails = match looks {
        Looks::Only(at) => number == at,
        Looks::From(at) => number >= at,
        Looks::There(at) => number >= at && is_there,
    };
    if fails { Err(errno.into()) } else { Ok(()) }
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
