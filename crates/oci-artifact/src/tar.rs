// SPDX-License-Identifier: Apache-2.0
//! Tar archives: the writer whose bytes get a digest (format.md, 4) and a hardened reader (11.2).
