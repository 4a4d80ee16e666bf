// SPDX-License-Identifier: Apache-2.0
//! What a kind of artifact must say of itself.
