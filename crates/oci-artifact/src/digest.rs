// SPDX-License-Identifier: Apache-2.0
//! Digests of bytes and of streams.
