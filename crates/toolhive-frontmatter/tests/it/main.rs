// SPDX-License-Identifier: Apache-2.0
//! Tests of the frontmatter reader, rule by rule.

mod tree;

mod split;
mod source;
mod syntax;
mod scalars;
mod fields;
mod host;
mod problems;
mod limits;
mod properties;
mod reference;
