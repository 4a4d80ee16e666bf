// SPDX-License-Identifier: Apache-2.0
//! The image index (format.md, 6.4).
