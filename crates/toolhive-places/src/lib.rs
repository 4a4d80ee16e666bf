// SPDX-License-Identifier: Apache-2.0
//! Where hosts read Agent Skills and plugins, and whether what lies there is intact (place.md).
//!
//! [`hosts`] is the table, [`Scope`] makes directories of it, [`state`] compares what is there with an
//! entry of the lock file. Nothing here writes, and no host's private file is looked at.

pub mod hosts;
mod scope;
mod state;

pub use scope::{Place, Scope};
pub use state::{State, state};
