// SPDX-License-Identifier: Apache-2.0
//! `store check`, `store gc`, `store path`.

use std::fs;

use crate::support::Sandbox;

#[test]
fn a_sound_store_is_sound_and_a_damaged_one_is_2() {
    let sandbox = Sandbox::new();
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
fn a_store_that_was_named_has_to_be_there() {
    let sandbox = Sandbox::new();
    for verb in ["check", "gc"] {
        let error = sandbox.json(1, &["store", verb])["error"].clone();
        assert_eq!(
            (&error["kind"], &error["message"]),
            (&"not-found".into(), &"there is no store".into())
        );
        assert_eq!(error["path"], sandbox.path("store").to_str().expect("UTF-8"));
        assert!(error["help"].as_str().expect("help").contains("--store"), "{error}");
    }
    assert!(!sandbox.path("store").exists());
    fs::create_dir(sandbox.path("store")).expect("a directory");
    for verb in ["check", "gc"] {
        let error = sandbox.json(1, &["store", verb])["error"].clone();
        assert!(error["message"].as_str().expect("text").contains("is not a store"), "{error}");
    }
}

#[test]
fn stores_of_toolhive_that_are_not_there_yet_are_told_and_not_broken() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    let run = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
        command.env_clear().env("XDG_DATA_HOME", sandbox.path("data")).args(args);
        let output = command.current_dir(sandbox.path(".")).output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    run(&["plugin", "build", "p"]);
    for verb in ["check", "gc"] {
        let text = run(&["store", verb]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].contains("plugins: ") && lines[0].contains("blobs"), "{text}");
        assert!(lines[1].ends_with("skills: there is no store yet"), "{text}");
        let json: serde_json::Value =
            serde_json::from_str(&run(&["--format", "json", "store", verb])).expect("JSON");
        assert_eq!((&json[0]["exists"], &json[1]["exists"]), (&true.into(), &false.into()));
    }
    assert!(!sandbox.path("data/toolhive/skills").exists());
}

#[test]
fn gc_removes_what_nothing_reaches_ls_11() {
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
fn the_words_of_other_tools_are_known() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    sandbox.text(&["plugin", "package", "p"]);
    for word in ["show", "info"] {
        assert_eq!(sandbox.text(&["plugin", word, "p"]), sandbox.text(&["plugin", "inspect", "p"]));
    }
    // There is no project here, which both say.
    assert_eq!(sandbox.json(1, &["plugin", "ls"]), sandbox.json(1, &["plugin", "list"]));
    sandbox.text(&["plugin", "builds", "rm", "p"]);
    assert_eq!(sandbox.json(0, &["plugin", "builds"]), serde_json::json!([]));
}

#[test]
fn man_pages_come_from_the_definitions_of_the_commands() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("man")).expect("a directory");
    sandbox.run(0, &["man", "man"]);
    assert!(sandbox.path("man/toolhive-oci-plugin-build.1").is_file());
}

#[test]
fn what_nothing_lists_is_named_kept_and_listed_again_ls_18() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    sandbox.plugin("q", r#"{"name":"q"}"#);
    let digest = sandbox.json(0, &["plugin", "build", "p"])["index_digest"].clone();
    sandbox.text(&["plugin", "build", "q"]);
    let forget = || {
        let empty = r#"{"schemaVersion":2,"manifests":[]}"#;
        fs::write(sandbox.path("store/index.json"), empty).expect("written");
    };
    forget();
    let text = sandbox.text(&["store", "check"]);
    assert!(text.contains("sound, but 2 complete builds are not listed"), "{text}");
    let found = sandbox.json(0, &["store", "check"]);
    let found = found["findings"].as_array().expect("a list").iter();
    let p = found.clone().find(|finding| finding["digest"] == digest).expect("is named");
    assert_eq!((&p["kind"], &p["tag"]), (&"unlisted".into(), &"p".into()));
    let collected = sandbox.json(0, &["store", "gc"]);
    assert_eq!(collected["blobs"], serde_json::json!([]));
    assert_eq!(collected["unlisted"].as_array().map(Vec::len), Some(2));
    sandbox.json(0, &["store", "check", "--repair"]);
    let builds = sandbox.json(0, &["plugin", "builds"]);
    assert_eq!((&builds[0]["tag"], &builds[1]["tag"]), (&"p".into(), &"q".into()));
    forget();
    let collected = sandbox.json(0, &["store", "gc", "--grace", "0"]);
    assert_eq!(collected["blobs"].as_array().map(Vec::len), Some(12));
}

#[test]
fn what_cannot_be_read_is_1_for_who_removes_and_2_for_a_check_ls_16() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    sandbox.plugin("q", r#"{"name":"q"}"#);
    let built = sandbox.json(0, &["plugin", "build", "p"]);
    sandbox.text(&["plugin", "build", "q"]);
    // A link is not followed, so that nothing is known of what it leads to.
    let index = built["index_digest"].as_str().expect("text").replace("sha256:", "");
    let blob = sandbox.path("store/blobs/sha256").join(index);
    fs::rename(&blob, sandbox.path("elsewhere")).expect("moved");
    std::os::unix::fs::symlink(sandbox.path("elsewhere"), &blob).expect("linked");
    let count = || fs::read_dir(sandbox.path("store/blobs/sha256")).expect("reads").count();
    for args in [&["store", "gc"][..], &["plugin", "builds", "remove", "q"]] {
        let error = sandbox.json(1, args)["error"].clone();
        let help = error["help"].as_str().expect("helps");
        assert!(help.contains("nothing was removed"), "{error}");
    }
    assert_eq!(count(), 12);
    for args in [&["store", "check"][..], &["store", "check", "--repair"]] {
        let report = sandbox.json(2, args);
        let kinds: Vec<_> = report["findings"].as_array().expect("a list").iter().collect();
        assert!(kinds.iter().all(|finding| finding["kind"] == "unreadable"), "{report}");
    }
    fs::remove_file(&blob).expect("removed");
    fs::rename(sandbox.path("elsewhere"), &blob).expect("moved");
    assert_eq!(sandbox.json(0, &["store", "check"])["findings"], serde_json::json!([]));
}

#[test]
fn what_cannot_be_read_is_said_once_for_each_tag_that_needs_it_ls_16() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    sandbox.plugin("q", r#"{"name":"q"}"#);
    let built = sandbox.json(0, &["plugin", "build", "p", "--tag", "one", "--tag", "two"]);
    let other = sandbox.json(0, &["plugin", "build", "q"]);
    let hide = |digest: &serde_json::Value| {
        let hex = digest.as_str().expect("text").replace("sha256:", "");
        let blob = sandbox.path("store/blobs/sha256").join(&hex);
        fs::rename(&blob, sandbox.path(&hex)).expect("moved");
        std::os::unix::fs::symlink(sandbox.path(&hex), &blob).expect("linked");
        hex
    };
    // An index that two tags name, and the layer of another build.
    let (index, layer) = (hide(&built["index_digest"]), hide(&other["layer_digest"]));
    let listed = fs::read(sandbox.path("store/index.json")).expect("reads");
    for args in [&["store", "check"][..], &["store", "check", "--repair"]] {
        let output = sandbox.run(2, args);
        for text in [output.stdout, output.stderr] {
            let text = String::from_utf8(text).expect("UTF-8");
            let lines: Vec<_> = text.lines().collect();
            let once: std::collections::BTreeSet<_> = lines.iter().collect();
            assert_eq!(lines.len(), once.len(), "{args:?}: a line twice: {text}");
        }
        let report = sandbox.json(2, args);
        let found = report["findings"].as_array().expect("a list").iter();
        let tags = |hex: &str| {
            let here = |it: &&serde_json::Value| it["path"].as_str().expect("text").ends_with(hex);
            let own: Vec<_> = found.clone().filter(here).collect();
            assert!(own.iter().all(|it| it["kind"] == "unreadable"), "{args:?}: {report}");
            let named = |it: &&serde_json::Value| {
                let tag = it["tag"].as_str().expect("is said").to_owned();
                let message = it["message"].as_str().expect("text");
                assert!(message.contains(&format!("({tag:?} needs it)")), "{message}");
                tag
            };
            own.iter().map(named).collect::<Vec<_>>()
        };
        assert_eq!(tags(&index), ["one", "two"], "{args:?}: {report}");
        assert_eq!(tags(&layer), ["q"], "{args:?}: {report}");
        assert_eq!(found.len(), 3, "{args:?}: {report}");
        assert_eq!(fs::read(sandbox.path("store/index.json")).expect("reads"), listed);
    }
}

#[test]
fn a_broken_index_is_told_with_what_its_repair_would_lose_ls_19() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    sandbox.text(&["plugin", "build", "p"]);
    let index = sandbox.path("store/index.json");
    let text = fs::read(&index).expect("reads");
    let blobs = || fs::read_dir(sandbox.path("store/blobs/sha256")).expect("reads").count();
    for broken in [&text[..text.len() / 2], b"<html>"] {
        fs::write(&index, broken).expect("writes");
        let before = blobs();
        for args in [
            &["plugin", "builds"][..],
            &["plugin", "inspect", "p"],
            &["plugin", "build", "p"],
            &["plugin", "builds", "remove", "p"],
            &["store", "gc", "--grace", "0"],
        ] {
            let error = sandbox.json(1, args)["error"].clone();
            let help = error["help"].as_str().expect("help");
            assert!(
                help.starts_with("`store check --repair` keeps the entries"),
                "{args:?}: {help}"
            );
            assert!(help.contains("index.json.broken"), "{args:?}: {help}");
            assert!(help.ends_with("other tags are lost"), "{args:?}: {help}");
        }
        let told = String::from_utf8(sandbox.run(2, &["store", "check"]).stderr).expect("UTF-8");
        assert!(told.contains("`store check --repair`"), "{told}");
        assert!(told.contains("other tags are lost"), "{told}");
        assert_eq!(blobs(), before);
        assert_eq!(fs::read(&index).expect("reads"), broken);
    }
}
