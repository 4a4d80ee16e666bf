// SPDX-License-Identifier: Apache-2.0
//! References and tags (format.md, 10.1).
