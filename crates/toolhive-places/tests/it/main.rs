// SPDX-License-Identifier: Apache-2.0
//! Places from outside.

mod decisions;
mod files;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use toolhive_lockfile::content_digest::of_directory;
use toolhive_places::{Read, Scope, State, hosts, state};

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn two_clients_with_one_directory_are_one_place() {
    let scope = Scope::Project { root: "/p".into() };
    let places = scope
        .places(Read::Skills, &names(&["codex", "claude-code", "agents", "codex"]))
        .expect("known");
    assert_eq!(places.len(), 2);
    assert_eq!(places[0].clients, ["codex", "agents"]);
    assert_eq!(places[0].directory, Path::new("/p/.agents/skills"));
    assert_eq!(places[1].directory, Path::new("/p/.claude/skills"));
}

#[test]
fn the_user_s_directories_follow_claude_config_dir() {
    let scope =
        |claude: Option<&str>| Scope::User { home: "/h".into(), claude: claude.map(PathBuf::from) };
    let of = |claude| {
        scope(claude).places(Read::Skills, &names(&["claude-code"])).expect("known")[0]
            .directory
            .clone()
    };
    assert_eq!(of(None), Path::new("/h/.claude/skills"));
    assert_eq!(of(Some("/c")), Path::new("/c/skills"));
    let vscode = scope(None).places(Read::Skills, &names(&["vscode"])).expect("known");
    assert_eq!(vscode[0].directory, Path::new("/h/.copilot/skills"));
}

#[test]
fn a_client_that_is_not_known_or_leads_out_is_refused() {
    let scope = Scope::Project { root: "/p".into() };
    for client in ["", "claude", "dir:", "dir:..", "dir:a/../b", "dir:../x", "dir:/etc", "dir:."] {
        assert!(scope.places(Read::Skills, &names(&[client])).is_err(), "{client}");
    }
    let named = scope.places(Read::Skills, &names(&["dir:x/y"])).expect("is taken");
    assert_eq!(named[0].directory, Path::new("/p/x/y"));
}

/// The table of place.md, 2: a name, the project's directory, the user's. A line that changes here changes
/// where hosts find what is installed.
const TABLE: &str = include_str!("../../../../testdata/places/hosts.txt");

#[test]
fn the_table_of_hosts_is_the_one_that_was_looked_up() {
    let rows: String = hosts::HOSTS
        .iter()
        .map(|host| format!("{} {} {}\n", host.name, host.project, host.user))
        .collect();
    assert_eq!(rows, TABLE);
}

#[test]
fn every_host_lies_below_the_root() {
    for host in hosts::HOSTS {
        for path in [host.project, host.user] {
            assert!(Path::new(path).is_relative() && !path.contains(".."), "{host:?}");
        }
        assert_eq!(hosts::find(host.name).expect("known"), host, "each name once");
    }
}

#[test]
fn a_tree_is_current_drifted_missing_or_foreign() {
    let root = tempfile::tempdir().expect("a directory");
    let place = root.path().join(".claude/skills");
    let tree = place.join("demo");
    let of = |digest: &str| state(root.path(), &place, "demo", digest).expect("can be read");
    assert_eq!(of("x"), State::Missing);
    fs::create_dir_all(&tree).expect("made");
    assert_eq!(of("x"), State::Drifted(None), "an empty directory");
    fs::write(tree.join("SKILL.md"), "a").expect("written");
    let digest = of_directory(&tree).expect("is read").digest;
    assert_eq!(of(&digest), State::Current);
    fs::write(tree.join("SKILL.md"), "b").expect("written");
    assert!(matches!(of(&digest), State::Drifted(Some(_))));
    fs::write(tree.join("SKILL.md"), "a").expect("written");
    symlink("/etc/hosts", tree.join("link")).expect("linked");
    assert!(matches!(of(&digest), State::Drifted(Some(_))), "a link within is no part of it");
    fs::remove_file(tree.join("link")).expect("removed");

    fs::rename(&tree, root.path().join("real")).expect("moved");
    symlink(root.path().join("real"), &tree).expect("linked");
    assert!(matches!(of(&digest), State::Foreign(_)), "a link");
    fs::remove_file(&tree).expect("removed");
    fs::write(&tree, "x").expect("written");
    assert!(matches!(of(&digest), State::Foreign(_)), "a file");
    fs::remove_dir_all(root.path().join(".claude")).expect("removed");
    fs::create_dir_all(root.path().join("other/skills")).expect("made");
    symlink("other", root.path().join(".claude")).expect("linked");
    assert!(matches!(of(&digest), State::Foreign(_)), "a link on the way");
}

#[test]
fn a_name_that_leads_elsewhere_is_refused() {
    let root = tempfile::tempdir().expect("a directory");
    for name in ["", ".", "..", "a/b", "../x", "/x", "a/"] {
        assert!(state(root.path(), root.path(), name, "x").is_err(), "{name:?}");
    }
}
