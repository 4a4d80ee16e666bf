// SPDX-License-Identifier: Apache-2.0
//! Properties that hold for any input. The fuzz target holds the reader against serde_json, too.

use proptest::prelude::*;

use super::string;
use crate::json::*;

/// Reads everything there is to read; the number of values.
pub(super) fn walk(value: Value<'_>) -> usize {
    let mut open = vec![value];
    let mut values = 0;
    while let Some(value) = open.pop() {
        values += 1;
        let span = value.span();
        assert_eq!(value.document().get(span), Some(value.raw()));
        assert_eq!(value.raw().trim_ascii(), value.raw());
        assert_eq!(value.as_string().is_some(), value.kind() == Kind::String);
        assert_eq!(value.as_bool().is_some(), value.kind() == Kind::Bool);
        open.extend(value.elements());
        open.extend(value.members().map(|member| member.value));
    }
    let _ = (duplicate_key(value), duplicate_key_ignoring_case(value));
    values
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_bytes_make_it_panic_invariant_6(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes).map(walk);
        let _ = parse_trimmed(&bytes).map(walk);
    }

    #[test]
    fn strings_come_back_as_the_writer_wrote_them_pj_4(text in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut writer = Writer::new();
        writer.string(&text);
        let mut decoded = String::new();
        for chunk in text.utf8_chunks() {
            decoded.push_str(chunk.valid());
            decoded.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
        }
        prop_assert_eq!(string(writer.into_bytes()), decoded);
    }
}
