// SPDX-License-Identifier: Apache-2.0
//! The calls that some work made, in their order.

use std::cell::RefCell;

use held_directory::AsFd;

use super::super::handle::Identity;

thread_local! {
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
}

/// A call that succeeded, and the file or directory that it was about; of a rename the directory that
/// holds the new name.
pub(in crate::extract) type Call = (&'static str, Identity);

/// Runs `work`; returns its result, and the calls that it made.
pub(in crate::extract) fn during<T>(work: impl FnOnce() -> T) -> (T, Vec<Call>) {
    CALLS.take();
    let result = work();
    (result, CALLS.take())
}

pub(in crate::extract) fn add(call: &'static str, about: impl AsFd) {
    let identity = Identity::of(about).expect("is open");
    CALLS.with_borrow_mut(|calls| calls.push((call, identity)));
}
