// SPDX-License-Identifier: Apache-2.0
//! The tests of the public surface, a module for each noun.

mod comparison;
mod content;
mod directory;
mod layer_fixtures;
mod tar_fixture;
mod tar_reader;
mod tar_writer;
mod store;
