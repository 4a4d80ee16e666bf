// SPDX-License-Identifier: Apache-2.0
//! Platforms: parsing, defaults, duplicates (format.md, 7).
