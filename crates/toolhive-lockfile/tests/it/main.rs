// SPDX-License-Identifier: Apache-2.0
//! The lock file from outside.

mod golden;
mod refusals;
mod scalars;
mod zoo;
mod random;
mod disk;
