// SPDX-License-Identifier: Apache-2.0
//! `marketplace generate` (plugin-surface.md, 7.2).

use std::fs;

use serde_json::{Value, json};

use crate::signals::{caught, entries, is_partial, noise, send};
use crate::support::Sandbox;

const ARGS: [&str; 6] = ["marketplace", "generate", "--name", "mine", "--owner", "Someone"];

fn built() -> Sandbox {
    let sandbox = Sandbox::new();
    let manifest = r#"{"name": "alpha", "version": "1.0.0", "description": "First.",
        "author": {"name": "Me"}, "keywords": ["x"], "license": "MIT", "hooks": {"Stop": []}}"#;
    sandbox.plugin("a", manifest);
    sandbox.write("a/run.sh", "#!/bin/sh\n");
    sandbox.plugin("b", r#"{"name": "beta", "version": "2", "description": "Second."}"#);
    sandbox.run(0, &["plugin", "build", "a"]);
    sandbox.run(0, &["plugin", "build", "b"]);
    sandbox
}

#[test]
fn the_catalogue_is_that_of_the_manifests_in_any_order_s_98_s_99() {
    let sandbox = built();
    let one = sandbox.text(&[&ARGS[..], &["beta", "alpha"]].concat());
    let other = sandbox.text(&[&ARGS[..], &["alpha", "beta"]].concat());
    assert_eq!(one, other);
    let found: Value = serde_json::from_str(&one).expect("JSON");
    assert_eq!(
        found,
        json!({"name": "mine", "owner": {"name": "Someone"}, "plugins": [
            {"name": "alpha", "version": "1.0.0", "description": "First.",
             "author": {"name": "Me"}, "keywords": ["x"], "license": "MIT",
             "source": "./plugins/alpha"},
            {"name": "beta", "version": "2", "description": "Second.", "source": "./plugins/beta"},
        ]})
    );
}

#[test]
fn all_lists_one_version_of_a_plugin_under_one_tag_vb_9() {
    let sandbox = built();
    sandbox.run(0, &["plugin", "build", "a", "--tag", "also-alpha"]);
    let manifest = r#"{"name": "alpha", "version": "1.10.0", "description": "First."}"#;
    sandbox.plugin("a2", manifest);
    sandbox.run(0, &["plugin", "build", "a2", "--tag", "h.io/me/alpha:1.10.0"]);
    let output = sandbox.run(0, &[&ARGS[..], &["--all", "--description", "Mine."]].concat());
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(found["description"], "Mine.");
    let plugins = found["plugins"].as_array().expect("a list").iter();
    let plugins: Vec<_> = plugins.map(|one| (&one["name"], &one["version"])).collect();
    assert_eq!(plugins, [(&json!("alpha"), &json!("1.10.0")), (&json!("beta"), &json!("2"))]);
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(stderr.contains("(1.0.0) is left out: there is a newer version"), "{stderr}");
}

#[test]
fn a_directory_layout_holds_what_the_catalogue_names_s_100() {
    let sandbox = built();
    let file = "out/.claude-plugin/marketplace.json";
    let args = [&ARGS[..], &["alpha", "beta", "-o", file]].concat();
    let output = sandbox.run(0, &args);
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(stderr.contains("does not exist yet"), "{stderr}");
    let output = sandbox.run(0, &[&args[..], &["--extract"]].concat());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).expect("UTF-8"), format!("{file}\n"));
    for name in ["alpha", "beta"] {
        let directory = format!("out/plugins/{name}");
        let found = sandbox.json(0, &["plugin", "verify", name, &directory]);
        assert_eq!(found["verdict"], "exact");
    }
    // Once more: nothing to do. A plugin that was changed is not overwritten, and reported.
    sandbox.run(0, &[&args[..], &["--extract"]].concat());
    sandbox.write("out/plugins/alpha/run.sh", "other");
    let error = sandbox.json(1, &[&args[..], &["--extract"]].concat());
    assert_eq!(error["error"]["kind"], "already-exists");
    let output = sandbox.run(0, &args);
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(stderr.contains("the files here are not those of alpha"), "{stderr}");
    let found = sandbox.json(0, &args);
    assert_eq!(found["plugins"][1]["reference"], "beta");
    assert!(fs::read_to_string(sandbox.path(file)).expect("a file").ends_with("}\n"));
}

#[test]
fn directories_below_the_root_are_listed_where_they_are_s_98_s_94() {
    let sandbox = built();
    let file = ".claude-plugin/marketplace.json";
    let output = sandbox.run(0, &[&ARGS[..], &["./b", "alpha", "-o", file]].concat());
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(stderr.matches("does not exist yet").count(), 1, "only alpha: {stderr}");
    let text = fs::read_to_string(sandbox.path(file)).expect("a file");
    let found: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(found["plugins"][0]["source"], "./plugins/alpha");
    assert_eq!(found["plugins"][1]["source"], "./b");
    let report = sandbox.json(0, &[&ARGS[..], &["./b", "-o", file]].concat());
    assert_eq!(report["plugins"], json!([{"name": "beta", "reference": "./b"}]));

    let elsewhere = "out/.claude-plugin/marketplace.json";
    let error = sandbox.json(1, &[&ARGS[..], &["./b", "-o", elsewhere]].concat());
    assert_eq!(error["error"]["kind"], "invalid-option");
    assert!(!sandbox.path(elsewhere).exists());
    let error = sandbox.json(1, &[&ARGS[..], &["./none"]].concat());
    assert_eq!(error["error"]["kind"], "invalid-dir");
}

#[test]
fn all_plugins_of_the_store_are_listed() {
    let sandbox = built();
    let all = sandbox.text(&[&ARGS[..], &["--all"]].concat());
    assert_eq!(all, sandbox.text(&[&ARGS[..], &["alpha", "beta"]].concat()));
    sandbox.run(64, &[&ARGS[..], &["--all", "alpha"]].concat());
    sandbox.run(64, &ARGS);
}

#[test]
fn reading_makes_no_store() {
    let sandbox = Sandbox::new();
    sandbox.plugin("a", r#"{"name": "alpha", "version": "1", "description": "First."}"#);
    let file = ".claude-plugin/marketplace.json";
    for args in [&["--all"][..], &["alpha", "-o", file, "--extract"], &["./a", "alpha"]] {
        let error = sandbox.json(1, &[&ARGS[..], args].concat())["error"].clone();
        let said = (&error["kind"], &error["message"]);
        assert_eq!(said, (&"not-found".into(), &"there is no store".into()), "{args:?}");
        assert!(error["help"].as_str().expect("help").contains("`build`"), "{error}");
    }
    assert!(!sandbox.path(file).exists());
    let report = sandbox.json(0, &[&ARGS[..], &["./a", "-o", file, "--extract"]].concat());
    assert_eq!(report["plugins"], json!([{"name": "alpha", "reference": "./a"}]));
    assert!(!sandbox.path("store").exists());
}

#[test]
fn what_hosts_refuse_is_refused_s_92_s_101() {
    let sandbox = built();
    let kind = |args: &[&str]| sandbox.json(1, args)["error"]["kind"].clone();
    let named = |name| ["marketplace", "generate", "--name", name, "--owner", "Someone", "alpha"];
    assert_eq!(kind(&named("npm")), "invalid-option");
    assert_eq!(kind(&named("two words")), "invalid-option");
    assert_eq!(kind(&[&ARGS[..], &["alpha", "alpha"]].concat()), "invalid-option");
    assert_eq!(kind(&[&ARGS[..], &["gamma"]].concat()), "not-found");
    let elsewhere = [&ARGS[..], &["alpha", "-o", "m.json", "--extract"]].concat();
    assert_eq!(kind(&elsewhere), "invalid-option");
    sandbox.plugin("c", r#"{"name": "c", "author": "me"}"#);
    sandbox.run(0, &["plugin", "build", "c"]);
    assert_eq!(kind(&[&ARGS[..], &["c"]].concat()), "invalid-manifest");
}

#[test]
fn a_directory_that_has_more_is_not_there_already_vb_5() {
    for more in [".lsp.json", ".git/hooks/pre-commit"] {
        let sandbox = built();
        let file = "out/.claude-plugin/marketplace.json";
        let args = [&ARGS[..], &["alpha", "-o", file]].concat();
        let extract = [&args[..], &["--extract"]].concat();
        sandbox.run(0, &extract);
        sandbox.run(0, &extract);
        sandbox.write(&format!("out/plugins/alpha/{more}"), "{}");
        let error = sandbox.json(1, &extract)["error"].clone();
        assert_eq!(error["kind"], "already-exists", "{error}");
        assert!(error["message"].as_str().expect("text").contains(more), "{error}");
        let output = sandbox.run(0, &args);
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(stderr.contains(more), "{stderr}");
    }
}

#[test]
fn what_cannot_be_read_is_no_answer_s_101() {
    let sandbox = built();
    let file = "out/.claude-plugin/marketplace.json";
    let args = [&ARGS[..], &["alpha", "-o", file, "--extract"]].concat();
    sandbox.run(0, &args);
    // A file where the directory of all plugins should be: not "not there yet".
    fs::remove_dir_all(sandbox.path("out/plugins")).expect("removed");
    sandbox.write("out/plugins", "a file");
    let error = sandbox.json(1, &args)["error"].clone();
    assert_eq!(error["kind"], "io", "{error}");
}

/// The tag moves while the plugin that it named is being extracted.
#[test]
fn the_catalogue_compares_with_the_digest_that_it_read_vb_5() {
    let sandbox = built();
    for file in 0..24 {
        sandbox.write(&format!("a/data/{file}.bin"), noise(file, 400_000));
    }
    sandbox.run(0, &["plugin", "build", "a"]);
    let args = [&ARGS[..], &["alpha", "-o", "out/.claude-plugin/marketplace.json", "--extract"]];
    let args = args.concat();
    let has_begun = || entries(&sandbox.path("out/plugins")).iter().any(|path| is_partial(path));
    let child = (0..40).find_map(|_| {
        let _ = fs::remove_dir_all(sandbox.path("out"));
        caught(&sandbox, &args, &has_begun)
    });
    let child = child.expect("is caught");
    sandbox.plugin("c", r#"{"name": "alpha", "version": "9", "description": "Another."}"#);
    sandbox.run(0, &["plugin", "build", "c"]);
    send("CONT", child.id());
    let output = child.wait_with_output().expect("ends");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.success() && stderr.is_empty(), "{stderr}");
    assert!(
        sandbox.path("out/plugins/alpha/data/0.bin").exists(),
        "what was read is what is there"
    );
}
