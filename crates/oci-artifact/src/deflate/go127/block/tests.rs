// SPDX-License-Identifier: Apache-2.0
//! Decisions about single blocks, on both sides of each border.
