// SPDX-License-Identifier: Apache-2.0
//! Checks of a plugin or a skill: all findings at once, each with its rule, its place, and advice.

pub mod name;
pub mod portable;
pub(crate) mod skill_md;
pub(crate) mod component;
mod fields;
mod plugin_name;
pub mod warnings;
pub mod plugin;
pub mod skill;
