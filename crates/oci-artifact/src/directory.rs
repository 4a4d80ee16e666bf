// SPDX-License-Identifier: Apache-2.0
//! A bounded, symlink-proof walk (format.md, 1).
