// SPDX-License-Identifier: Apache-2.0
//! `inspect` of what the store has.

use crate::support::{Sandbox, example};

#[test]
fn a_tag_and_its_digests_show_the_same_artifact() {
    let sandbox = Sandbox::new();
    let built = sandbox.json(0, &["plugin", "build", &example("plugins/release-notes")]);
    for key in ["reference", "index_digest", "manifest_digest"] {
        let reference = built[key].as_str().expect("text");
        let found = sandbox.json(0, &["plugin", "inspect", reference]);
        for same in ["manifest_digest", "config_digest", "layer_digest", "diff_id", "layer_size"] {
            assert_eq!(found["artifact"][same], built[same], "{key}: {same}");
        }
        assert_eq!(found["artifact"]["files"], built["files"]);
        assert_eq!(found["config"], built["config"]);
    }
    let text = sandbox.text(&["plugin", "inspect", "release-notes"]);
    assert!(text.contains("0755     2.6 KiB  hooks/check_changelog.py"), "{text}");
}

#[test]
fn what_is_not_there_or_not_of_the_kind_is_said() {
    let sandbox = Sandbox::new();
    let missing = sandbox.json(1, &["plugin", "inspect", "missing"]);
    assert_eq!(missing["error"]["kind"], "not-found");
    let skill = example("skills/why-digests-differ");
    sandbox.text(&["skill", "build", &skill]);
    let other = sandbox.json(1, &["plugin", "inspect", "why-digests-differ"]);
    assert_eq!(other["error"]["kind"], "invalid-document");
}
