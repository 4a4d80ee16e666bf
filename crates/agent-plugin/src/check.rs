// SPDX-License-Identifier: Apache-2.0
//! What is wrong with a plugin or a skill: all findings at once, each with its rule, its place, and what
//! would mend it.

pub mod name;
pub mod portable;
mod markdown;
mod unseen;
pub mod skill_md;
pub mod component;
mod fields;
mod plugin_name;
pub mod warnings;
pub mod plugin;
pub mod skill;
