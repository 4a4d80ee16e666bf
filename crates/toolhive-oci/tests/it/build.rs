// SPDX-License-Identifier: Apache-2.0
//! `build` and `build --all`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::support::{Sandbox, example};

#[test]
fn the_reference_is_all_that_a_pipe_sees() {
    let sandbox = Sandbox::new();
    let output = sandbox.run(0, &["plugin", "build", &example("plugins/release-notes")]);
    assert_eq!(output.stdout, b"release-notes\n");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(stderr.contains("sha256:") && !stderr.contains('\x1b'), "{stderr}");
    let output = sandbox.run(0, &["--quiet", "plugin", "build", &example("plugins/release-notes")]);
    assert!(output.stderr.is_empty());
}

#[test]
fn json_has_everything_of_a_build_lk_10() {
    let sandbox = Sandbox::new();
    let plugin = sandbox.plugin("hello", r#"{"name":"hello"}"#);
    let found = sandbox.json(0, &["plugin", "build", plugin.to_str().expect("UTF-8")]);
    // The vector `minimal`.
    let expected = serde_json::json!({
        "reference": "hello",
        "index_digest": "sha256:fce101b00f2c7f1786f7176b4019f4aa11559a8b9b5b4d2cb1113fd1169ce615",
        "manifest_digest": "sha256:37dc7f6bd19c35cc211e171a40603e8955655d09ed184feefe39ed01ce46dcda",
        "config_digest": "sha256:270c10df35ac0683952d7dd613dd8da8eca71befc4df9f9b87b264fccc5151e9",
        "layer_digest": "sha256:15e775fee40ba2ab6043e74613061da6f891433bd6bbd72ba87f14c8c5ab89e5",
        "diff_id": "sha256:91e9ff0347ec4453363865ef17194217ddbecbf450d4b3063ff57a92d082dba6",
        "layer_size": 123,
        "content_digest": "sha256:9c1822b416efa45790be351add380e992e7647c461a0bc08f973212eafa9f02b",
        "files": 1,
        "platforms": ["linux/amd64", "linux/arm64"],
        "config": {"name": "hello", "description": "", "files": [".claude-plugin/plugin.json"]},
        "warnings": [],
    });
    assert_eq!(found, expected);
}

#[test]
fn options_reach_the_artifact() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    let digest = |args: &[&str]| {
        let all = [&["plugin", "build", "p"], args].concat();
        sandbox.json(0, &all)["index_digest"].clone()
    };
    let plain = digest(&[]);
    let other = digest(&["--platform", "linux/arm/v7", "--platform", "linux/amd64"]);
    assert_eq!(digest(&["--platform", "linux/arm/v7,linux/amd64"]), other, "with a comma");
    assert_ne!(other, plain);
    let later = digest(&["--epoch", "1700000000"]);
    assert_ne!(later, plain);
    assert_eq!(digest(&["--epoch", "0", "--modes", "verbatim"]), plain);

    let environment = |value: &str| {
        let mut command = sandbox.command();
        command.args(["--format", "json", "plugin", "build", "p"]);
        let output = command.env("SOURCE_DATE_EPOCH", value).output().expect("it runs");
        let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        (found["index_digest"].clone(), found["warnings"].as_array().expect("a list").len())
    };
    assert_eq!(environment("1700000000"), (later, 0));
    assert_eq!(environment(" 1700000000"), (plain, 1), "BUG-30: the value is 0, and it is said");
}

#[test]
fn an_encoder_can_be_chosen_and_is_found_again_e_29() {
    let sandbox = Sandbox::new();
    sandbox.plugin("hello", r#"{"name":"hello"}"#);
    // The vector `minimal`, with Go 1.26 and with Go 1.27.
    let old = "sha256:fce101b00f2c7f1786f7176b4019f4aa11559a8b9b5b4d2cb1113fd1169ce615";
    let new = "sha256:b2cfd87e432482df7b512782383cadc1f555644da0f2001bbd1616138a1e66ae";
    let digest = |args: &[&str]| {
        let all = [&["plugin", "build", "hello"], args].concat();
        sandbox.json(0, &all)["index_digest"].clone()
    };
    assert_eq!(digest(&["--encoder", "go1.26"]), old);
    assert_eq!(digest(&["--encoder", "go1.27"]), new);
    // So small, every machine's is the same.
    assert_eq!(digest(&["--encoder", "go1.27-fused"]), new);
    assert_eq!(digest(&["--encoder", "go1.27-v3"]), new);
    sandbox.run(64, &["plugin", "build", "hello", "--encoder", "go1.25"]);

    let found = sandbox.json(0, &["plugin", "verify", new, "hello"]);
    assert_eq!((&found["verdict"], &found["encoder"]), (&"exact".into(), &"go1.27".into()));
    let printed = sandbox.text(&["plugin", "verify", new, "hello"]);
    let head = "exact (as ToolHive with Go 1.27 makes it): hello makes sha256:";
    assert!(printed.starts_with(head), "{printed}");
    assert_eq!(sandbox.json(0, &["plugin", "verify", old, "hello"])["encoder"], "go1.26");
    for (digest, encoder) in [(old, "go1.26"), (new, "go1.27")] {
        let found = sandbox.json(0, &["plugin", "inspect", digest]);
        assert_eq!(found["artifact"]["encoder_hint"], encoder);
    }
    assert!(sandbox.text(&["plugin", "inspect", new]).contains("go1.27"));
}

#[test]
fn the_environment_chooses_an_encoder_unless_an_option_does() {
    let sandbox = Sandbox::new();
    sandbox.plugin("hello", r#"{"name":"hello"}"#);
    let build = |name: &str, args: &[&str]| {
        let mut command = sandbox.command();
        command.args(["--format", "json", "plugin", "build", "hello"]).args(args);
        let output = command.env("TOOLHIVE_OCI_ENCODER", name).output().expect("it runs");
        let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        (output.status.code(), found)
    };
    let digest = |name: &str, args: &[&str]| build(name, args).1["index_digest"].clone();
    let (old, new) = (digest("", &[]), digest("go1.27", &[]));
    assert_ne!(old, new);
    assert_eq!(digest("go1.27", &["--encoder", "go1.26"]), old);
    let (code, refused) = build("go2", &[]);
    assert_eq!((code, &refused["error"]["kind"]), (Some(1), &"invalid-option".into()));
    let message = refused["error"]["message"].as_str().expect("a text");
    assert!(message.contains("TOOLHIVE_OCI_ENCODER") && message.contains("go2"), "{message}");
}

#[test]
fn tags_are_those_asked_for_or_the_name() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    let reference = "ghcr.io/o/p:v1";
    let printed = sandbox.text(&["plugin", "build", "p", "--tag", reference, "-t", "extra"]);
    assert_eq!(printed, format!("{reference}\n"));
    let builds = sandbox.json(0, &["plugin", "builds"]);
    let tags: Vec<_> = builds.as_array().expect("a list").iter().map(|b| &b["tag"]).collect();
    assert_eq!(tags, ["extra", reference]);

    sandbox.plugin("odd", r#"{"name":"a\nb"}"#);
    let found = sandbox.json(0, &["plugin", "build", "odd"]);
    assert_eq!(found["reference"], "a-b");
    assert_eq!(found["warnings"][0]["rule"], "tag-not-the-name");
}

#[test]
fn what_is_neither_a_tag_nor_a_reference_is_refused_before_anything_is_made_ls_4() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    let digest = format!("sha256:{}", "0".repeat(64));
    for tag in ["BAD TAG", "", ".x", "ghcr.io/Me/p:1", "ghcr.io/me/p:-", "p:", &digest] {
        let error = sandbox.json(1, &["plugin", "build", "p", "-t", "fine", "--tag", tag]);
        assert_eq!(error["error"]["kind"], "invalid-reference", "{tag}: {error}");
    }
    let error = sandbox.json(1, &["plugin", "build", "p", "--tag", "BAD TAG"])["error"].clone();
    assert_eq!(error["message"], "\"BAD TAG\" is neither a tag nor a reference");
    assert!(error["help"].as_str().expect("help").contains("registry/repository:tag"), "{error}");
    assert!(!sandbox.path("store").exists());

    for tag in ["V1_.-", "p:1.0", "me/p:1", "127.0.0.1:5000/me/p:1"] {
        let built = sandbox.json(0, &["plugin", "build", "p", "--tag", tag]);
        assert_eq!(built["reference"], tag);
    }
    let pinned = format!("ghcr.io/me/p@{digest}");
    sandbox.run(0, &["plugin", "build", "p", "--tag", &pinned]);
    // A name may be any text, and the tag is it.
    sandbox.plugin("spaced", r#"{"name":"two words"}"#);
    assert_eq!(sandbox.json(0, &["plugin", "build", "spaced"])["reference"], "two words");
}

#[test]
fn all_packages_what_it_can_and_says_what_it_cannot() {
    let sandbox = Sandbox::new();
    sandbox.write("tree/good/SKILL.md", "---\nname: good\n---\n");
    sandbox.write("tree/nested/deep/SKILL.md", "---\nname: deep\n---\n");
    sandbox.write("tree/.claude/skills/kept/SKILL.md", "---\nname: kept\n---\n");
    sandbox.write("tree/bad/SKILL.md", "---\ndescription: no name\n---\n");
    sandbox.write("tree/.git/SKILL.md", "---\nname: not-one\n---\n");
    let output = sandbox.run(3, &["--format", "jsonl", "skill", "build", "--all", "tree"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let lines: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a document a line")).collect();
    let one = sandbox.run(3, &["--format", "json", "skill", "build", "--all", "tree"]);
    let one: Value = serde_json::from_slice(&one.stdout).expect("one document");
    assert_eq!(one, Value::from(lines.clone()));
    let paths: Vec<_> = lines.iter().map(|line| line["path"].as_str().expect("text")).collect();
    let wanted: Vec<PathBuf> =
        ["tree/.claude/skills/kept", "tree/bad", "tree/good", "tree/nested/deep"]
            .map(|path| sandbox.path(path))
            .into();
    assert_eq!(paths, wanted.iter().map(|p| p.to_str().expect("UTF-8")).collect::<Vec<_>>());
    assert_eq!(lines[1]["error"]["kind"], "invalid-manifest");
    assert_eq!(lines[2]["reference"], "good");

    std::fs::remove_dir_all(sandbox.path("tree/bad")).expect("removed");
    let printed = sandbox.text(&["skill", "build", "--all", "tree"]);
    assert_eq!(printed, "kept\ngood\ndeep\n");
    std::fs::create_dir(sandbox.path("empty")).expect("a directory");
    let found = sandbox.json(1, &["skill", "build", "--all", "empty"]);
    assert_eq!(found["error"]["kind"], "manifest-missing");
    sandbox.run(64, &["--format", "jsonl", "skill", "build", "tree/good"]);
}

/// Returns the messages of `build --all` over more than one batch, with that number of threads.
/// Every tenth skill has the name of the first.
fn told_of_many(sandbox: &Sandbox, threads: &str) -> String {
    for number in 0..530 {
        let name = if number % 10 == 0 { 0 } else { number };
        let text = format!("---\nname: skill-{name}\n---\nNumber {number}.\n");
        sandbox.write(&format!("tree/{number:03}/SKILL.md"), text);
    }
    sandbox.write("tree/500/SKILL.md", "no frontmatter");
    let words = ["--format", "jsonl", "skill", "build", "--all", "tree", "--threads", threads];
    let told = String::from_utf8(sandbox.run(3, &words).stdout).expect("UTF-8");
    let root = sandbox.path("tree");
    told.replace(root.to_str().expect("UTF-8"), "tree")
}

#[test]
fn all_tells_the_same_in_the_same_order_with_any_number_of_threads() {
    let (one, four) = (Sandbox::new(), Sandbox::new());
    let told = told_of_many(&one, "1");
    assert_eq!(told.lines().count(), 530);
    assert!(told == told_of_many(&four, "4"));
    // Of several directories the last one has the tag.
    let tagged = told.lines().rfind(|line| line.contains(r#""reference":"skill-0""#));
    let last: Value = serde_json::from_str(tagged.expect("a line")).expect("a document a line");
    assert_eq!(last["path"], "tree/520");
    assert_eq!(last["warnings"][0]["rule"], "tag-moved");
    for sandbox in [one, four] {
        let found = sandbox.json(0, &["skill", "inspect", "skill-0"]);
        assert_eq!(found["artifact"]["index_digest"], last["index_digest"]);
        sandbox.run(0, &["store", "check"]);
    }
}

#[test]
fn threads_do_not_change_a_digest() {
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    let text: Vec<u8> =
        (0..400_000_u64).flat_map(|n| (n * n / 7).to_string().into_bytes()).collect();
    sandbox.write("p/large.txt", text);
    let digest = |threads: &str| {
        let words = ["plugin", "build", "p", "--threads", threads];
        sandbox.json(0, &words)["index_digest"].clone()
    };
    let one = digest("1");
    for threads in ["2", "3", "8"] {
        assert_eq!(digest(threads), one);
    }
    sandbox.run(64, &["plugin", "build", "p", "--threads", "0"]);
}

#[test]
fn a_failed_build_stores_nothing() {
    let sandbox = Sandbox::new();
    let plugin = sandbox.plugin("p", r#"{"name":"p"}"#);
    std::os::unix::fs::symlink("nowhere", plugin.join("link")).expect("a link");
    sandbox.write("p/big.bin", vec![1; 3 << 20]);
    assert_eq!(sandbox.json(1, &["plugin", "build", "p"])["error"]["kind"], "invalid-file");
    assert_eq!(sandbox.json(0, &["plugin", "builds"]), serde_json::json!([]));
    let files = walk(&sandbox.path("store/blobs"));
    assert!(files.is_empty(), "{files:?}");
}

fn walk(directory: &std::path::Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.append(&mut walk(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

/// A checkout on Windows has no execute bits; what git knows of them makes up for that.
#[test]
fn a_checkout_without_modes_gives_its_digest_with_those_of_git_dev_9() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    let plugin = sandbox.plugin("p", r#"{"name":"p"}"#);
    let run = plugin.join("bin/caf\u{e9}");
    fs::create_dir_all(plugin.join("bin")).expect("makes");
    fs::write(&run, "#!/bin/sh\n").expect("writes");
    let set = |mode| fs::set_permissions(&run, fs::Permissions::from_mode(mode)).expect("sets");
    set(0o755);
    let git = |args: &[&str]| {
        let output =
            Command::new("git").args(args).current_dir(&plugin).output().expect("git runs");
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    let listed = |name: &str, args: &[&str]| {
        fs::write(sandbox.path(name), git(args)).expect("writes");
        sandbox.path(name).display().to_string()
    };
    let staged = listed("staged", &["ls-files", "--stage", "-z"]);
    let quoted = listed("quoted", &["ls-files", "--stage"]);
    let digest = |args: &[&str]| {
        let all = [&["plugin", "build", "p"], args].concat();
        sandbox.json(0, &all)["index_digest"].clone()
    };
    let here = digest(&[]);
    set(0o644);
    assert_ne!(digest(&[]), here, "the bit counts");
    assert_eq!(digest(&["--modes-file", &staged]), here);

    let refused = |list: &str, why: &str| {
        let told = sandbox.json(1, &["plugin", "build", "p", "--modes-file", list]).to_string();
        assert!(told.contains("invalid-option") && told.contains(why), "{told}");
    };
    refused(&quoted, "quotation marks");
    fs::write(plugin.join("new"), "not added").expect("writes");
    refused(&staged, "does not have this file");
    refused("none", "cannot be read");
}
