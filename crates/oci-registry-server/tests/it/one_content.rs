// SPDX-License-Identifier: Apache-2.0
//! Documents that programs read in two ways are not taken (MAN-5).

use test_support::hostile::{Class, artifacts};

use crate::client::start;

#[test]
fn what_programs_read_in_two_ways_is_not_taken_man_5() {
    let registry = start();
    for artifact in artifacts() {
        let mut refused = Vec::new();
        for blob in &artifact.blobs {
            if !blob.name.starts_with("manifest") && blob.name != "index" {
                registry.push_blob("a", &blob.bytes);
                continue;
            }
            let answer = registry.put_manifest("a", &blob.digest, &blob.bytes);
            if answer.status != 201 {
                refused.push(answer.code());
            }
        }
        let (name, class) = (&artifact.name, artifact.class);
        match class {
            Some(Class::Ambiguous) => {
                // What lists a manifest that was refused is refused because that is missing.
                assert_eq!(refused.first().map(String::as_str), Some("MANIFEST_INVALID"), "{name}");
                let tag = registry.put_manifest("a", "v1", &artifact.root().bytes);
                assert_ne!(tag.status, 201, "{name}");
            }
            // It takes other images than ours, and what one push lacks another one brought.
            _ => assert_eq!(refused, [""; 0], "{name}"),
        }
    }
}
