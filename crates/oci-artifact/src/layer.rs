// SPDX-License-Identifier: Apache-2.0
//! Files to layer in one pass: tar, two hashes, deflate.
