// SPDX-License-Identifier: Apache-2.0
//! The tests of the public surface, a module for each noun.

mod tar_writer;
mod store;
