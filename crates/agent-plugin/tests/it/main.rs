// SPDX-License-Identifier: Apache-2.0
//! The tests of the public surface, a module for each noun.

mod fixture;
mod snapshots;
mod bundles;
mod components;
mod entry;
mod hosts;
mod hooks;
mod references;
mod servers;
mod places;
mod shapes;
mod diff;
mod limits;
mod directory;
mod findings;
