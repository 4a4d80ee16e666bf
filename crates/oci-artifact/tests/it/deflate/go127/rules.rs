// SPDX-License-Identifier: Apache-2.0
//! What each rule decides, seen in the tokens. Where a rule is a number, on both sides of it.

use super::compress;

#[test]
fn nothing_is_two_bytes_e_30() {
    assert_eq!(compress(b""), [3, 0]);
}
