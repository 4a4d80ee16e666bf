// SPDX-License-Identifier: Apache-2.0
//! The gzip member of a layer (format.md, 5) and hardened reading (11.1).
