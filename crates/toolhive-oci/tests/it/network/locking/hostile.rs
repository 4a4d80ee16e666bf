// SPDX-License-Identifier: Apache-2.0
//! Repositories and artifacts that lead elsewhere: whatever they do, nothing changes, within or outside of the
//! project (place.md, 6).

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::{Bench, gather};

/// The things that are put in the place of a directory or a tree.
const THINGS: [&str; 8] = [
    "a link out",
    "a link to a tree outside",
    "a link within",
    "a link to nothing",
    "a link to a file",
    "a link to itself",
    "a file",
    "a pipe",
];

fn put(bench: &Bench, thing: &str, path: &str) {
    let path = bench.sandbox.path(&format!("p/{path}"));
    fs::create_dir_all(path.parent().expect("it has one")).expect("made");
    let victim = bench.sandbox.path("victim");
    let target = match thing {
        "a link out" => victim,
        "a link to a tree outside" => victim.join("skills/demo"),
        "a link within" => bench.sandbox.path("p/within"),
        "a link to nothing" => bench.sandbox.path("victim/nothing"),
        "a link to a file" => bench.sandbox.path("victim/file"),
        "a link to itself" => path.clone(),
        "a file" => return fs::write(path, "mine").expect("written"),
        _ => {
            assert!(Command::new("mkfifo").arg(path).status().expect("it runs").success());
            return;
        }
    };
    symlink(target, path).expect("linked");
}

/// Everything but the insides of pipes.
fn everything(bench: &Bench) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for directory in ["p", "victim"] {
        look(&bench.sandbox.path(directory), directory, &mut found);
    }
    found.remove("p/toolhive.lock.yaml.lock");
    found
}

fn look(directory: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(directory).expect("is read") {
        let entry = entry.expect("is read");
        let name = format!("{prefix}/{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type().expect("has one");
        let what = if kind.is_dir() {
            look(&entry.path(), &name, found);
            b"a directory".to_vec()
        } else if kind.is_symlink() {
            fs::read_link(entry.path()).expect("is read").into_os_string().into_encoded_bytes()
        } else if kind.is_file() {
            fs::read(entry.path()).expect("is read")
        } else {
            b"something else".to_vec()
        };
        found.insert(name, what);
    }
}

/// Makes the project again: a victim outside, something within, and this lock file.
fn afresh(bench: &Bench, lock: Option<&str>) {
    for directory in ["p", "victim"] {
        let path = bench.sandbox.path(directory);
        if path.exists() {
            fs::remove_dir_all(path).expect("removed");
        }
    }
    bench.sandbox.write("p/.git", "a worktree's file");
    bench.sandbox.write("p/within/skills/demo/file", "within");
    bench.sandbox.write("victim/skills/demo/SKILL.md", "theirs");
    bench.sandbox.write("victim/file", "theirs");
    if let Some(lock) = lock {
        bench.sandbox.write("p/toolhive.lock.yaml", lock);
    }
}

/// Runs a command that must be refused, and change nothing.
fn refused(bench: &Bench, case: &str, args: &[&str]) {
    let before = everything(bench);
    let mut command = bench.sandbox.command();
    let output = command.args(args).args(["--project-root", "p"]).output().expect("it runs");
    let code = output.status.code();
    assert!(matches!(code, Some(1..=4)), "{case}: {code:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("panicked"), "{case}: {said}");
    assert_eq!(everything(bench), before, "{case}");
}

#[test]
fn a_hostile_repository_changes_nothing_in_any_case() {
    let bench = Bench::new();
    let reference = bench.skill("demo", "1", "", &[("a", "a")]);
    afresh(&bench, None);
    bench.install(&[&reference, "--clients", "claude-code,agents"]);
    let lock = bench.lock();
    let install = ["skill", "install", &reference, "--allow-unsigned"];
    let install = [&install[..], &["--clients", "claude-code,agents"]].concat();
    let sync = ["skill", "sync", "--yes", "--offline"];
    let force = ["skill", "sync", "--yes", "--offline", "--force"];
    let uninstall = ["skill", "uninstall", "demo", "--force"];
    let mut cases = 0;
    let components = [
        ".claude",
        ".claude/skills",
        ".claude/skills/demo",
        ".agents",
        ".agents/skills",
        ".agents/skills/demo",
    ];
    for path in components {
        for thing in THINGS {
            for (args, lock) in [
                (&install[..], None),
                (&sync[..], Some(lock.as_str())),
                (&force[..], Some(lock.as_str())),
                (&uninstall[..], Some(lock.as_str())),
            ] {
                afresh(&bench, lock);
                put(&bench, thing, path);
                refused(&bench, &format!("{thing} at {path}: {args:?}"), args);
                cases += 1;
            }
        }
    }
    // The lock file itself, and the one that is locked.
    for name in ["toolhive.lock.yaml", "toolhive.lock.yaml.lock"] {
        for thing in THINGS.iter().filter(|thing| **thing != "a file") {
            if name.ends_with(".lock") && *thing == "a pipe" {
                continue;
            }
            afresh(&bench, Some(&lock));
            let path = bench.sandbox.path(&format!("p/{name}"));
            if path.exists() {
                fs::remove_file(path).expect("removed");
            }
            put(&bench, thing, name);
            refused(&bench, &format!("{thing} at {name}"), &install);
            cases += 1;
        }
    }
    // A foreign directory stays, also where its manifest says our name.
    let own = "---\nname: demo\ndescription: mine\n---\n";
    for (file, text) in [("notes", "mine"), ("SKILL.md", own), (".git/config", "x")] {
        afresh(&bench, None);
        bench.sandbox.write(&format!("p/.claude/skills/demo/{file}"), text);
        refused(&bench, &format!("a foreign directory with {file}"), &install);
        cases += 1;
        afresh(&bench, Some(&lock));
        bench.sandbox.write(&format!("p/.claude/skills/demo/{file}"), text);
        let uninstall = ["skill", "uninstall", "demo"];
        refused(&bench, &format!("a foreign directory with {file}, uninstalled"), &uninstall);
        cases += 1;
    }
    // Somebody's work is never removed, whatever is forced.
    for args in [&force[..], &uninstall[..]] {
        afresh(&bench, Some(&lock));
        bench.sandbox.write("p/.claude/skills/demo/SKILL.md", own);
        bench.sandbox.write("p/.claude/skills/demo/.git/config", "x");
        refused(&bench, "a repository in a place", args);
        cases += 1;
    }
    // Names and hosts of a lock file.
    for name in ["..", "../demo", "/demo", "a/b", ".git", "'.'", "''", "demo/", "A", "a b", "demo-"]
    {
        let lock = lock.replace("name: demo", &format!("name: {name}"));
        for args in [&sync[..], &["skill", "uninstall", name]] {
            afresh(&bench, Some(&lock));
            refused(&bench, &format!("the name {name}: {args:?}"), args);
            cases += 1;
        }
    }
    for client in ["dir:..", "dir:../victim", "dir:/etc", "dir:a/../../victim", "nobody", "dir:"] {
        let lock = lock.replace("- claude-code", &format!("- {client}"));
        afresh(&bench, Some(&lock));
        refused(&bench, &format!("the host {client}"), &sync);
        afresh(&bench, None);
        let args = ["skill", "install", &reference, "--allow-unsigned", "--clients", client];
        refused(&bench, &format!("the host {client}, asked for"), &args);
        cases += 2;
    }
    assert!(cases >= 100, "{cases}");
}

#[test]
fn a_hostile_repository_changes_nothing_for_plugins_pl_7() {
    let bench = Bench::new();
    let reference = bench.plugin("demo", "1", &[]);
    let install = ["plugin", "install", &reference, "--allow-unsigned"];
    for path in [
        ".toolhive",
        ".toolhive/marketplace",
        ".toolhive/marketplace/plugins",
        ".toolhive/marketplace/plugins/demo",
    ] {
        for thing in THINGS {
            afresh(&bench, None);
            put(&bench, thing, path);
            refused(&bench, &format!("{thing} at {path}"), &install);
        }
    }
    // The catalogue comes last: the tree is there, and nothing leads out.
    for path in [
        ".toolhive/marketplace/.claude-plugin",
        ".toolhive/marketplace/.claude-plugin/marketplace.json",
    ] {
        for thing in ["a link out", "a link to a file", "a link to nothing"] {
            afresh(&bench, None);
            put(&bench, thing, path);
            let mut before = BTreeMap::new();
            gather(&bench.sandbox.path("victim"), "", &mut before);
            let mut command = bench.sandbox.command();
            command.args(install).args(["--project-root", "p"]).output().expect("it runs");
            let mut after = BTreeMap::new();
            gather(&bench.sandbox.path("victim"), "", &mut after);
            assert_eq!(after, before, "{thing} at {path}");
        }
    }
}

#[test]
fn an_artifact_that_passes_for_another_is_refused() {
    let bench = Bench::new();
    let reference = bench.skill("demo", "1", "", &[]);
    let passes = reference.replace("/demo:", "/other:");
    bench.sandbox.run(0, &["skill", "copy", &reference, &passes]);
    let error = bench.json(1, &["skill", "install", &passes, "--allow-unsigned"]);
    assert!(error["error"]["message"].as_str().expect("a text").contains("\"other\""), "{error}");
    assert!(!bench.is_there("toolhive.lock.yaml"));
    bench.install(&[&reference]);
    // A lock file that says another content, another name, or another digest.
    let lock = bench.lock();
    let other = bench.skill("elsewhere", "1", "", &[]);
    bench.install(&[&other]);
    let both = bench.lock();
    let field = |text: &str, name: &str, key: &str| {
        let entry = text.split("    - name: ").find(|entry| entry.starts_with(name)).expect("one");
        let line = entry.lines().find(|line| line.trim_start().starts_with(key)).expect("one");
        line.trim_start().to_owned()
    };
    for key in ["digest:", "contentDigest:"] {
        let (mine, theirs) = (field(&both, "demo", key), field(&both, "elsewhere", key));
        bench.sandbox.write("p/toolhive.lock.yaml", lock.replace(&mine, &theirs));
        fs::remove_dir_all(bench.sandbox.path("p/.claude")).expect("removed");
        let sync = bench.json(3, &["skill", "sync", "--yes"]);
        assert_eq!(sync["failed"][0]["reason"], "validation-rejected", "{key}");
        assert!(!bench.is_there(".claude/skills/demo"), "{key}");
        bench.sandbox.write("p/toolhive.lock.yaml", &lock);
        bench.json(0, &["skill", "sync", "--yes"]);
    }
}
