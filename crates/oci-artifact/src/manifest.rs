// SPDX-License-Identifier: Apache-2.0
//! The image manifest (format.md, 6.3).
