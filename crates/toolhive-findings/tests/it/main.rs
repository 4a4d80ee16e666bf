// SPDX-License-Identifier: Apache-2.0
//! The rules from the outside.

mod component;
mod hostile;
mod skill;
mod tree;
