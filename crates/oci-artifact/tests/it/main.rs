// SPDX-License-Identifier: Apache-2.0
//! The tests of the public surface, a module for each noun.

mod comparison;
mod content;
mod directory;
#[cfg(unix)]
mod directory_of_unix;
mod layer_fixtures;
mod tar_fixture;
mod tar_reader;
mod tar_writer;
mod store;
