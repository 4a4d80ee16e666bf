// SPDX-License-Identifier: Apache-2.0
//! Every thing that can stand in a place, with every command that puts a tree there or takes it away
//! (place.md, 5). What cannot be made here is said.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::symlink;
use std::process::{Command, Output};

use super::{Bench, gather};

type Tree = BTreeMap<String, Vec<u8>>;

/// The surroundings of a command; their exit code 99 says that they cannot be made here.
const PLAIN: &str = "exec \"$@\"";
const READ_ONLY: &str = "exec unshare -m sh -c '
    mount --bind p/.claude/skills p/.claude/skills &&
    mount -o remount,ro,bind p/.claude/skills || exit 99
    exec \"$@\"' sh \"$@\" || exit 99";
/// Places are on a file system of their own: the tree goes there, and what becomes of it comes back.
const OTHER_FILE_SYSTEM: &str = "exec unshare -m sh -c '
    cp -a p/.claude/skills kept && mount -t tmpfs tmpfs p/.claude/skills || exit 99
    cp -a kept/. p/.claude/skills/
    \"$@\"; code=$?
    rm -r kept && cp -a p/.claude/skills kept && exit $code' sh \"$@\" || exit 99";
const MOUNTED: &str = "exec unshare -m sh -c '
    mount --bind p/.claude/skills/demo p/.claude/skills/demo || exit 99
    exec \"$@\"' sh \"$@\" || exit 99";
/// Nothing may be moved in or out of the directory of places, as with a lower layer of a container (PL-15).
const NO_MOVES: &str = "command -v strace >/dev/null || exit 99
    calls=?rename,?renameat,?renameat2
    exec strace -f -qq -o /dev/null -P \"$PWD/p/.claude/skills\" \\
        -e trace=$calls -e inject=$calls:error=EXDEV \"$@\"";

/// The fate of a place, and of the lock file with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// The tree that is wanted is there.
    New,
    /// Nothing is there.
    Gone,
    /// Everything is as it was.
    Same,
}

struct Rows {
    bench: Bench,
    /// The new version.
    reference: String,
    locks: [String; 2],
    trees: [Tree; 2],
}

impl Rows {
    fn new() -> Self {
        let bench = Bench::new();
        let placed = |bench: &Bench| {
            let mut tree = Tree::new();
            gather(&bench.sandbox.path("p/.claude/skills/demo"), "", &mut tree);
            (bench.lock(), tree)
        };
        let old = bench.skill("demo", "1", "", &[("a/b", "old"), ("c", "old")]);
        bench.install(&[&old, "--clients", "claude-code"]);
        let (old_lock, old) = placed(&bench);
        let reference = bench.skill("demo", "2", "", &[("a/b", "new"), ("d", "new")]);
        bench.install(&[&reference]);
        let (new_lock, new) = placed(&bench);
        Self { bench, reference, locks: [old_lock, new_lock], trees: [old, new] }
    }

    /// Makes the project again, with that thing in its place and that lock file.
    fn make(&self, thing: &str, lock: &str) {
        let sandbox = &self.bench.sandbox;
        for directory in ["p", "kept"] {
            let path = sandbox.path(directory);
            if path.exists() {
                fs::remove_dir_all(path).expect("removed");
            }
        }
        sandbox.write("p/.git", "a worktree's file");
        sandbox.write("p/toolhive.lock.yaml", lock);
        fs::create_dir_all(sandbox.path("p/.claude/skills")).expect("made");
        let place = "p/.claude/skills/demo";
        let [old, new] = &self.trees;
        match thing {
            "nothing" => {}
            "an empty directory" => fs::create_dir(sandbox.path(place)).expect("made"),
            "the old tree" => self.lay(old, place),
            "the new tree" => self.lay(new, place),
            "an edited tree" => {
                self.lay(new, place);
                sandbox.write(&format!("{place}/d"), "mine");
            }
            "a foreign directory" => drop(sandbox.write(&format!("{place}/notes"), "mine")),
            "a link to the tree" => {
                self.lay(new, "p/elsewhere");
                symlink("../../elsewhere", sandbox.path(place)).expect("linked");
            }
            "a link to nothing" => symlink("nowhere", sandbox.path(place)).expect("linked"),
            "a file" => drop(sandbox.write(place, "mine")),
            thing => panic!("{thing}"),
        }
    }

    fn lay(&self, tree: &Tree, place: &str) {
        for (name, content) in tree.iter().filter(|(name, _)| !name.ends_with('/')) {
            self.bench.sandbox.write(&format!("{place}/{name}"), content);
        }
    }

    fn run(&self, surroundings: &str, args: &[&str]) -> Output {
        let mut command = Command::new("sh");
        command.args(["-c", surroundings, "sh", env!("CARGO_BIN_EXE_toolhive-oci")]);
        command.args(["--store", "store"]).args(args).args(["--project-root", "p"]);
        command.env_clear().env("PATH", std::env::var_os("PATH").expect("has one"));
        command.current_dir(self.bench.sandbox.path(".")).output().expect("it runs")
    }

    /// The files of the project; links by what they say.
    fn found(&self) -> Tree {
        let kept = self.bench.sandbox.path("kept");
        if kept.exists() {
            let places = self.bench.sandbox.path("p/.claude/skills");
            fs::remove_dir_all(&places).expect("removed");
            fs::rename(kept, places).expect("moved");
        }
        self.bench.tree()
    }

    /// Runs a command on a thing in a place, and says whether that could be done here.
    fn check(&self, thing: &str, surroundings: &str, task: &str, then: Then) -> bool {
        let [old, new] = &self.locks;
        // What is installed comes in the place of an older entry.
        self.make(thing, if task == "install" { old } else { new });
        let before = self.found();
        let args = match task {
            "install" => vec!["skill", "install", &self.reference, "--allow-unsigned"],
            "sync" => vec!["skill", "sync", "--yes", "--offline"],
            _ => vec!["skill", "uninstall", "demo"],
        };
        let output = self.run(surroundings, &args);
        let case = format!("{task} over {thing} in {surroundings}");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        if output.status.code() == Some(99) {
            writeln!(io::stdout(), "{case}: not possible here").expect("is written");
            return false;
        }
        let code = match then {
            Then::Same if task == "sync" => 3,
            Then::Same => 1,
            _ => 0,
        };
        assert_eq!(output.status.code(), Some(code), "{case}: {said}");
        let after = self.found();
        if then == Then::Same {
            assert_eq!(after, before, "{case}");
            assert!(said.contains(".claude/skills"), "{case}: {said}");
            if surroundings == NO_MOVES {
                assert!(said.contains("another layer"), "{case}: {said}");
            }
            return true;
        }
        let place = ".claude/skills/demo/";
        let tree = after.iter().filter_map(|(name, content)| {
            let name = name.strip_prefix(place).filter(|name| !name.is_empty())?;
            Some((name.to_owned(), content.clone()))
        });
        let (lock, wanted) = match then {
            Then::New => (Some(new.as_bytes()), self.trees[1].clone()),
            _ => (None, Tree::new()),
        };
        assert_eq!(tree.collect::<Tree>(), wanted, "{case}");
        assert_eq!(after.get("toolhive.lock.yaml").map(Vec::as_slice), lock, "{case}");
        assert!(!after.keys().any(|name| name.contains(".partial-")), "{case}: {after:?}");
        true
    }
}

#[test]
fn every_row_of_what_can_stand_in_a_place_with_every_command_pl_1() {
    use Then::{Gone, New, Same};
    let rows = Rows::new();
    let table = [
        ("nothing", PLAIN, [New, New, Gone]),
        ("an empty directory", PLAIN, [New, New, Gone]),
        ("the old tree", PLAIN, [New, New, Gone]),
        ("the new tree", PLAIN, [New, New, Gone]),
        ("an edited tree", PLAIN, [Same, New, Same]),
        ("a foreign directory", PLAIN, [Same, Same, Same]),
        ("a link to the tree", PLAIN, [Same, Same, Same]),
        ("a link to nothing", PLAIN, [Same, Same, Same]),
        ("a file", PLAIN, [Same, Same, Same]),
        ("nothing", READ_ONLY, [Same, Same, Gone]),
        ("the old tree", READ_ONLY, [Same, Same, Same]),
        ("nothing", OTHER_FILE_SYSTEM, [New, New, Gone]),
        ("the old tree", OTHER_FILE_SYSTEM, [New, New, Gone]),
        ("the old tree", MOUNTED, [Same, Same, Same]),
        ("nothing", NO_MOVES, [Same, Same, Gone]),
        ("the old tree", NO_MOVES, [Same, Same, Same]),
    ];
    let mut done = 0;
    for (thing, surroundings, expected) in table {
        for (task, then) in ["install", "sync", "uninstall"].into_iter().zip(expected) {
            done += usize::from(rows.check(thing, surroundings, task, then));
        }
    }
    assert!(done >= 27, "{done}");
}
