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
mod inspect;
mod extract;
mod kinds;
mod lock;
#[cfg(feature = "network")]
mod messages;
mod signals;
#[cfg(feature = "network")]
mod network;
mod reading;
mod report;
mod schemas;
mod store;
mod stored;
mod completions;
mod hostile_store;
mod output;
mod progress;
