// SPDX-License-Identifier: Apache-2.0
//! The image config (format.md, 6.2).

use std::collections::BTreeMap;

use go_deflate::Encoder;
use oci_spec::image::Platform;

use crate::digest::Digest;
use crate::json;
use crate::platform;

/// Labels or annotations, in byte order of their keys (JSON-2). Values are bytes: what is not
/// UTF-8 in them is replaced only when they are written (JSON-7).
pub type TextMap = BTreeMap<&'static str, Vec<u8>>;

/// Writes the config of one platform (CFG-1 to CFG-7). `created` is the epoch as JSON-8 writes it.
pub fn write(created: &str, platform: &Platform, labels: &TextMap, diff_id: &Digest) -> Vec<u8> {
    let mut json = json::Writer::new();
    json.object(|json| {
        json.key("created").string(created);
        platform::write_members(platform, json);
        json.key("config").object(|json| {
            json.key("Labels").texts(labels);
        });
        json.key("rootfs").object(|json| {
            json.key("type").string("layers");
            json.key("diff_ids").strings([diff_id.to_string()]);
        });
        json.key("history").array(|json| {
            json.object(|json| {
                json.key("created").string(created);
                json.key("created_by").string("toolhive package");
            });
        });
    });
    json.into_bytes()
}

/// Returns a list as a label holds it: JSON, `null` if there is none (JSON-4, JSON-5), with the
/// texts as that encoder has them (G27-3).
pub fn list_text<S: AsRef<[u8]>>(list: Option<&[S]>, encoder: Encoder) -> Vec<u8> {
    let mut json = json::Writer::new();
    match list {
        Some(list) => json.strings(list.iter().map(|text| in_generation(encoder, text.as_ref()))),
        None => json.null(),
    }
    json.into_bytes()
}

/// Returns an inventory as a label holds it: JSON, `null` if there is none (JSON-4, JSON-5).
pub fn counts_text(counts: Option<&BTreeMap<String, i64>>) -> Vec<u8> {
    let mut json = json::Writer::new();
    match counts {
        Some(counts) => json.object(|json| {
            counts.iter().for_each(|(key, count)| json.key(key).integer(*count));
        }),
        None => json.null(),
    }
    json.into_bytes()
}

/// Returns a text as the JSON of the encoder's generation has it: a byte that is not part of well-formed UTF-8 is one
/// U+FFFD from Go 1.27 on (G27-3). Before, it is left to the writer, which escapes it (JSON-7).
pub(crate) fn in_generation(encoder: Encoder, text: &[u8]) -> Vec<u8> {
    if encoder == Encoder::Go126 {
        return text.to_vec();
    }
    let mut well_formed = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        well_formed.push_str(chunk.valid());
        well_formed.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    well_formed.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::{Encoder, in_generation, list_text};

    #[test]
    fn json_within_a_text_has_the_replacement_of_its_encoder_g27_3() {
        let list: &[&[u8]] = &[b"a\xff", b"b"];
        assert_eq!(list_text(Some(list), Encoder::Go126), br#"["a\ufffd","b"]"#);
        assert_eq!(list_text(Some(list), Encoder::Go127), "[\"a\u{fffd}\",\"b\"]".as_bytes());
        assert_eq!(list_text::<&str>(None, Encoder::Go127), b"null");
    }

    #[test]
    fn a_byte_that_is_not_utf_8_is_one_replacement_character_g27_3() {
        let texts: [(&[u8], &str); 4] = [
            (b"a\xe2\x82b", "a\u{fffd}\u{fffd}b"),
            (b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"),
            (b"\xf4\x90\x80\x80", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            ("é".as_bytes(), "é"),
        ];
        for (text, expected) in texts {
            assert_eq!(in_generation(Encoder::Go127, text), expected.as_bytes());
            assert_eq!(in_generation(Encoder::Go127Fused, text), expected.as_bytes());
            // JSON-7 is the writer's.
            assert_eq!(in_generation(Encoder::Go126, text), text);
        }
    }
}
