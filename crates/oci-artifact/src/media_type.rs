// SPDX-License-Identifier: Apache-2.0
//! The media types of the field.
