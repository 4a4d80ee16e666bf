// SPDX-License-Identifier: Apache-2.0
//! The commands over the lock file that ask registries (lock.md, 3).

mod hosts;
mod trust;
mod obtain;
mod gate;
mod ignored;
mod tree;
mod install;
mod upgrade;
mod outcome;
mod pins;

pub(super) use install::{install, lock};
pub(super) use pins::fetch_locked;
pub(crate) use pins::fetch_pins;
pub(crate) use trust::check_signer;
pub(super) use upgrade::{outdated, upgrade};
