// SPDX-License-Identifier: Apache-2.0
//! The image config (format.md, 6.2).
