// SPDX-License-Identifier: Apache-2.0
//! The command line, as a process (cli.md).

mod diff;
mod one_content;
mod marketplace;
mod support;
mod validate;
mod verify;

mod build;
mod builds;
mod errors;
mod hostile;
#[cfg(feature = "network")]
mod hostile_registry;
mod inspect;
mod extract;
mod kinds;
mod signals;
#[cfg(feature = "network")]
mod network;
#[cfg(feature = "network")]
mod registry;
mod reading;
#[cfg(feature = "network")]
mod remote;
#[cfg(feature = "network")]
mod signatures;
mod store;
mod hostile_store;
mod output;
