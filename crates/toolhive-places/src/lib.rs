// SPDX-License-Identifier: Apache-2.0
//! The directories where hosts read Agent Skills and plugins, and the state of what lies there (place.md).
//!
//! [`hosts`] is the table, [`Scope`] makes directories of it, [`state`] compares what is there with an
//! entry of the lock file. [`plan()`] decides what would happen to places, and [`apply()`] does it, all or
//! nothing. No host's private file is looked at.

pub mod hosts;
mod scope;
mod state;
mod plan;
mod apply;
pub mod file;

pub use apply::{Wanted, apply, remove_empty_parents};
pub use plan::{Decision, Force, Found, Known, Step, Task, Whose, decide, plan};
pub use scope::{Place, Read, Scope};
pub use state::{State, state};
