// SPDX-License-Identifier: Apache-2.0
//! The instant that an artifact carries (format.md, 7).
