// SPDX-License-Identifier: Apache-2.0
//! Others who change a place while it is changed: a component becomes a link between a look and its use, and
//! two installs of one name at once (place.md, 5).

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use oci_artifact::extract::ExtractOptions;
use oci_artifact::observer::Observer;
use oci_artifact::reader::{self, Stored};
use oci_artifact::store::Store;
use oci_artifact::{Error, ErrorKind, Result};
use toolhive_places::{Force, Known, Task, Wanted, apply, plan};
use toolhive_skills::Skill;

use super::{Bench, gather};

type Tree = BTreeMap<String, Vec<u8>>;

/// An observer that replaces a directory, or nothing, by a link when it is asked for the `when`th time whether to go
/// on.
struct Switch {
    when: usize,
    asked: AtomicUsize,
    component: PathBuf,
    target: PathBuf,
}

impl Switch {
    fn flip(&self) {
        if self.component.symlink_metadata().is_ok() {
            fs::rename(&self.component, self.component.with_file_name("aside")).expect("moved");
        }
        symlink(&self.target, &self.component).expect("linked");
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Observer for Switch {
    fn is_cancelled(&self) -> bool {
        if self.asked.fetch_add(1, Ordering::SeqCst).saturating_add(1) == self.when {
            self.flip();
        }
        false
    }
}

/// The moment at which the link appears.
#[derive(Clone, Copy, Debug)]
enum Moment {
    AfterThePlan,
    WhileWriting(usize),
    BeforeTheLockFile,
}

struct Scene {
    bench: Bench,
    store: Store,
    artifact: Stored,
    old: Tree,
    digests: [String; 2],
}

impl Scene {
    fn new() -> Self {
        let bench = Bench::new();
        let said = |bench: &Bench, key: &str| {
            let lock = bench.lock();
            let line = lock.lines().find(|line| line.trim_start().starts_with(key));
            line.and_then(|line| line.split_once(": ")).expect("is there").1.to_owned()
        };
        let files = [("a/b", "old"), ("c", "old")];
        bench.install(&[&bench.skill("demo", "1", "", &files), "--clients", "claude-code"]);
        let mut old = Tree::new();
        gather(&bench.sandbox.path("p/.claude/skills/demo"), "", &mut old);
        let old_digest = said(&bench, "contentDigest");
        bench.install(&[&bench.skill("demo", "2", "", &[("a/b", "new"), ("d", "new")])]);
        let store = Store::open_existing(bench.sandbox.path("store")).expect("opens");
        let artifact = reader::read::<Skill>(&store, &said(&bench, "digest")).expect("is read");
        let digests = [old_digest, said(&bench, "contentDigest")];
        Self { bench, store, artifact, old, digests }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.bench.sandbox.path(name)
    }

    /// Lays the same old tree into the project, if it is wanted there, and outside of it.
    fn make(&self, has_tree: bool) {
        for directory in ["p", "victim"] {
            if self.path(directory).exists() {
                fs::remove_dir_all(self.path(directory)).expect("removed");
            }
        }
        fs::create_dir_all(self.path("p/.claude/skills")).expect("made");
        let mut places = vec!["victim/skills/demo"];
        places.extend(has_tree.then_some("p/.claude/skills/demo"));
        for place in places {
            for (name, content) in self.old.iter().filter(|(name, _)| !name.ends_with('/')) {
                self.bench.sandbox.write(&format!("{place}/{name}"), content);
            }
        }
    }

    /// Changes the place while `component` becomes a link out, at that moment; whether it became one.
    fn run(&self, task: Task, has_tree: bool, component: &str, moment: Moment) -> bool {
        let case = format!("{task:?}, a tree: {has_tree}, {component}, {moment:?}");
        self.make(has_tree);
        let root = self.path("p").canonicalize().expect("is there");
        let below = component.strip_prefix(".claude").expect("begins so");
        let victim = self.path("victim").canonicalize().expect("is there");
        let switch = Switch {
            when: match moment {
                Moment::WhileWriting(when) => when,
                _ => usize::MAX,
            },
            asked: AtomicUsize::new(0),
            component: root.join(component),
            target: victim.join(below.trim_start_matches('/')),
        };
        let before = tree(&victim);
        let stored = || -> Result<Vec<String>> { Ok(self.digests.to_vec()) };
        let wanted = (task != Task::Remove).then_some(self.digests[1].as_str());
        let locked = Some(self.digests[0].as_str());
        let known = Known { name: "demo", wanted, locked, stored: &stored };
        let paths = [root.join(".claude/skills/demo")];
        let steps = plan::<Skill>(&root, &paths, task, &known, Force::No).expect("is planned");
        if matches!(moment, Moment::AfterThePlan) {
            switch.flip();
        }
        let wanted = wanted.map(|_| Wanted { store: &self.store, artifact: &self.artifact });
        let options = ExtractOptions::default();
        let result =
            apply::<Skill>(&root, &steps, &known, wanted, &options, &switch, || match moment {
                Moment::BeforeTheLockFile => {
                    switch.flip();
                    Err(Error::new(ErrorKind::Io, "the disk is full"))
                }
                _ => Ok(()),
            });
        assert_eq!(tree(&victim), before, "{case}");
        if matches!(moment, Moment::WhileWriting(when) if switch.asked() < when) {
            result.unwrap_or_else(|error| panic!("{case}: {error}"));
            return false;
        }
        let error = result.expect_err(&case);
        // What was there before is whole, wherever it lies now.
        let aside = switch.component.with_file_name("aside");
        let kept =
            aside.join(Path::new(".claude/skills/demo").strip_prefix(component).expect("below"));
        let kept = if kept.exists() { tree(&kept) } else { Tree::new() };
        let whole = if has_tree { self.old.clone() } else { Tree::new() };
        // What cannot be given its name back, because a link has it by now, is reported; and a new tree that somebody
        // took away is theirs.
        let mut help = error.diagnostics().iter().filter_map(|one| one.help.as_ref());
        let is_told = help.any(|help| help.to_string().contains("now "));
        let is_taken = matches!(moment, Moment::BeforeTheLockFile) && component.ends_with("demo");
        if is_taken && !has_tree {
            return true;
        }
        assert!(kept == whole || is_told, "{case}: {error}: {kept:?}");
        true
    }
}

fn tree(directory: &Path) -> Tree {
    let mut found = Tree::new();
    gather(directory, "", &mut found);
    found
}

#[test]
fn a_component_that_becomes_a_link_leads_nothing_out_whenever_it_does_pl_16() {
    let scene = Scene::new();
    let components = [".claude", ".claude/skills", ".claude/skills/demo"];
    let mut moments = 0;
    for (task, has_tree) in
        [(Task::Install, true), (Task::Install, false), (Task::Sync, true), (Task::Remove, true)]
    {
        for component in components {
            for moment in [Moment::AfterThePlan, Moment::BeforeTheLockFile] {
                assert!(scene.run(task, has_tree, component, moment));
                moments += 1;
            }
            for when in 1.. {
                if !scene.run(task, has_tree, component, Moment::WhileWriting(when)) {
                    break;
                }
                moments += 1;
            }
        }
    }
    assert!(moments > 40, "{moments}");
}

#[test]
fn two_installs_of_one_name_at_once_end_with_one_whole_tree_that_the_lock_file_names() {
    let bench = Bench::new();
    let references = [
        bench.skill("demo", "1", "", &[("a", "1"), ("b/c", "1")]),
        bench.skill("demo", "2", "", &[("a", "2"), ("d", "2")]),
    ];
    for _ in 0..4 {
        let start = |reference: &String| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
            command.env_clear().current_dir(bench.sandbox.path("."));
            command.args(["--store", "store", "skill", "install", reference, "--allow-unsigned"]);
            command.args(["--clients", "claude-code,agents", "--project-root", "p"]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts")
        };
        let started = references.each_ref().map(start);
        for mut child in started {
            assert!(child.wait().expect("ends").success(), "each comes after the other");
        }
        bench.json(0, &["lock", "check"]);
        bench.json(0, &["skill", "sync", "--check"]);
        assert_eq!(bench.lock().matches("name: demo").count(), 1);
        bench.json(0, &["skill", "uninstall", "demo"]);
        assert!(!bench.tree().keys().any(|name| name.contains("demo")));
    }
}
