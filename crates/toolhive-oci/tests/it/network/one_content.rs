// SPDX-License-Identifier: Apache-2.0
//! Artifacts that are one thing here and another there, before what speaks to registries (MAN-5,
//! CFG-8).

use std::fs;

use test_support::hostile::{Class, write_layout};

use super::served::Served;
use crate::one_content::{on, refused, sandbox};

#[test]
fn a_hostile_artifact_is_neither_pulled_nor_pushed_nor_copied_man_5_cfg_8() {
    let (sandbox, artifacts) = sandbox();
    for artifact in &artifacts {
        let store = sandbox.path("registry");
        let _ = fs::remove_dir_all(&store);
        fs::create_dir(&store).expect("a directory");
        write_layout(&store, [artifact], |name| format!("hostile/{name}:v1"));
        let served = Served::start(&sandbox, &[]);
        let reference = format!("{}/hostile/{}:v1", served.addr, artifact.name);
        let (name, elsewhere) = (artifact.name.as_str(), format!("{}/else:v1", served.addr));
        let pull_one = ["plugin", "pull", &reference, "--platform", "linux/arm64"];
        let all = [
            &["plugin", "inspect", "--remote", &reference, "--fail-on", "warning"][..],
            &["plugin", "verify", "--remote", &reference, "x"],
            &["plugin", "diff", "--remote", &reference, "./x"],
            &["plugin", "pull", &reference],
            &pull_one,
            &["plugin", "push", name, "--to", &elsewhere],
        ];
        for args in all {
            match artifact.class {
                Some(_) => refused(&sandbox, artifact, args),
                None => assert_eq!(on(&sandbox, artifact, args).0, Some(0), "{args:?}"),
            }
        }
        // A copy takes any image, and none that is ambiguous.
        let copy = ["plugin", "copy", &reference, &format!("{}/copy:v1", served.addr)];
        match artifact.class {
            Some(Class::Ambiguous) => {
                let (code, _, text) = on(&sandbox, artifact, &copy);
                assert_eq!(code, Some(1), "{name}: {text}");
            }
            Some(_) => {}
            None => assert_eq!(on(&sandbox, artifact, &copy).0, Some(0)),
        }
        let tags = on(&sandbox, artifact, &["plugin", "builds"]).2;
        assert!(!tags.contains("hostile/"), "{name}: pulled references are no builds: {tags}");
    }
}
