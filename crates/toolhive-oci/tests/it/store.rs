// SPDX-License-Identifier: Apache-2.0
//! `store check`, `store gc`, `store path`.

use std::fs;

use crate::support::Sandbox;

#[test]
fn a_sound_store_is_sound_and_a_damaged_one_is_2() {
    let sandbox = Sandbox::new();
    assert_eq!(
        sandbox.json(0, &["store", "check"])["sound"],
        true,
        "what is not there is not broken"
    );
    sandbox.plugin("p", r#"{"name":"p"}"#);
    let built = sandbox.json(0, &["plugin", "build", "p"]);
    let sound = sandbox.json(0, &["store", "check"]);
    assert_eq!(
        (&sound["sound"], &sound["entries"], &sound["blobs"]),
        (&true.into(), &1.into(), &6.into())
    );

    let layer = built["layer_digest"].as_str().expect("text").replace("sha256:", "");
    let blob = sandbox.path("store/blobs/sha256").join(layer);
    fs::remove_file(&blob).expect("removed");
    fs::write(&blob, "damaged").expect("written");
    let broken = sandbox.json(2, &["store", "check"]);
    assert_eq!(broken["sound"], false);
    let kinds: Vec<_> =
        broken["findings"].as_array().expect("a list").iter().map(|f| &f["kind"]).collect();
    assert!(kinds.contains(&&"corrupt-blob".into()), "{kinds:?}");
    let text = String::from_utf8(sandbox.run(2, &["store", "check"]).stdout).expect("UTF-8");
    assert!(text.lines().any(|line| line.starts_with("broken: ")), "{text}");

    let mended = sandbox.json(0, &["store", "check", "--repair"]);
    assert_eq!(mended["sound"], true);
    sandbox.json(0, &["plugin", "build", "p"]);
    assert_eq!(sandbox.json(0, &["store", "check"])["sound"], true, "LS-7: it heals");
}

#[test]
fn ls_11_gc_removes_what_nothing_reaches() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    sandbox.text(&["plugin", "build", "p"]);
    sandbox.plugin("p", r#"{"name":"p","version":"2"}"#);
    sandbox.text(&["plugin", "build", "p"]);
    let blobs = || fs::read_dir(sandbox.path("store/blobs/sha256")).expect("reads").count();
    assert_eq!(blobs(), 12);
    let dry = sandbox.json(0, &["store", "gc", "--dry-run"]);
    assert_eq!(dry["blobs"].as_array().map(Vec::len), Some(6));
    assert_eq!(blobs(), 12);
    assert_eq!(sandbox.json(0, &["store", "gc", "--grace", "3600"])["young"], 6);
    sandbox.text(&["store", "gc"]);
    assert_eq!(blobs(), 6);
    sandbox.text(&["plugin", "inspect", "p"]);
}

#[test]
fn the_path_is_the_one_that_is_used() {
    let sandbox = Sandbox::new();
    assert_eq!(
        sandbox.text(&["store", "path"]).trim_end(),
        sandbox.path("store").to_str().expect("UTF-8")
    );
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
    let output = command.env_clear().env("XDG_DATA_HOME", "/data").args(["store", "path"]).output();
    let text = String::from_utf8(output.expect("runs").stdout).expect("UTF-8");
    assert_eq!(text, "/data/toolhive/plugins\n/data/toolhive/skills\n", "ST-2");
}

#[test]
fn completions_and_man_pages_come_from_the_same_definitions() {
    let sandbox = Sandbox::new();
    assert!(sandbox.text(&["completions", "bash"]).contains("toolhive-oci"));
    fs::create_dir(sandbox.path("man")).expect("a directory");
    sandbox.run(0, &["man", "man"]);
    assert!(sandbox.path("man/toolhive-oci-plugin-build.1").is_file());
}
