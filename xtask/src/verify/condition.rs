// SPDX-License-Identifier: Apache-2.0
//! The conditions that must not matter.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::fixture::{Case, Order, Owner, Placement, Umask};
use crate::packaging::{Cwd, Environment, EpochBy, Launch};
use crate::tool;

/// A condition: what is packaged where, by which binary, how often.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) name: &'static str,
    pub(super) binary: Binary,
    pub(super) placement: Placement,
    pub(super) launch: Launch,
    /// The parent of the directory and the store; by default in memory if there is room, else in the directory of
    /// temporary files.
    pub(super) parent: Option<PathBuf>,
    /// The directory's name.
    pub(super) directory: &'static str,
    pub(super) repeat: Repeat,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Binary {
    Dev,
    Release,
}

/// The number of times that a case is packaged into one store.
#[derive(Clone, Copy, Debug)]
pub(super) enum Repeat {
    Once,
    Again,
    /// Several processes package it at once.
    AtOnce,
}

impl Condition {
    /// Creates a condition in which nothing is out of the ordinary but its name.
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            binary: Binary::Release,
            placement: Placement::default(),
            launch: Launch::default(),
            parent: None,
            directory: "directory",
            repeat: Repeat::Once,
        }
    }

    /// Returns the placement of a case's directory. A umask takes bits away that verbatim modes
    /// would keep.
    pub(super) fn placement_of(&self, case: &Case) -> Placement {
        let umask = self.placement.umask.filter(|_| case.modes == "git" || case.kind == "skill");
        Placement { umask, ..self.placement.clone() }
    }

    fn variables(self, variables: &[(&'static str, &'static str)]) -> Self {
        Self { launch: Launch { variables: variables.to_vec(), ..Launch::default() }, ..self }
    }

    fn threads(self, threads: usize) -> Self {
        Self { launch: Launch { threads: Some(threads), ..Launch::default() }, ..self }
    }

    fn prefix(self, words: &[&str]) -> Self {
        let prefix = words.iter().map(OsString::from).collect();
        Self { launch: Launch { prefix, ..Launch::default() }, ..self }
    }

    fn placed(self, placement: Placement) -> Self {
        Self { placement, ..self }
    }
}

/// A condition that this machine cannot make, and why.
pub(super) type Skipped = (&'static str, String);

/// Returns all that this machine can make, and those it cannot.
pub(super) fn all() -> (Vec<Condition>, Vec<Skipped>) {
    let mut conditions = anywhere();
    let mut skipped = Vec::new();
    for (condition, lacking) in on_some_machines() {
        match lacking {
            None => conditions.push(condition),
            Some(reason) => skipped.push((condition.name, reason)),
        }
    }
    (conditions, skipped)
}

fn anywhere() -> Vec<Condition> {
    let new = Condition::new;
    let made = Placement::default;
    let launched = Launch::default;
    let umask = |name: &'static str, mask| {
        let script = format!("{name}; exec \"$0\" \"$@\"");
        new(name)
            .placed(Placement { umask: Some(Umask(mask)), ..made() })
            .prefix(&["sh", "-c", &script])
    };
    let day = |days: u64| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(days * 86_400));
    vec![
        Condition { binary: Binary::Dev, ..new("profile dev") },
        new("profile release"),
        new("time zone +14, Turkish").variables(&[
            ("TZ", "Pacific/Kiritimati"),
            ("LANG", "tr_TR.UTF-8"),
            ("LC_ALL", "tr_TR.UTF-8"),
        ]),
        new("time zone -9:30, locale C").variables(&[("TZ", "Pacific/Marquesas"), ("LC_ALL", "C")]),
        umask("umask 000", 0),
        umask("umask 002", 0o002),
        umask("umask 077", 0o077),
        Condition {
            launch: Launch { cwd: Cwd::Inside, ..launched() },
            ..new("inside the directory, as `.`")
        },
        Condition { directory: "häß lich \u{1F980} .d/'", ..new("a directory with an odd name") },
        Condition { directory: ".hidden", ..new("a hidden directory") },
        new("files made backwards").placed(Placement { order: Order::Reversed, ..made() }),
        new("files made in disorder").placed(Placement { order: Order::Shuffled, ..made() }),
        new("files of 1980").placed(Placement { modified: day(3_700), ..made() }),
        new("files of 2100").placed(Placement { modified: day(47_500), ..made() }),
        Condition {
            launch: Launch { environment: Environment::Empty, ..launched() },
            ..new("an empty environment")
        },
        Condition {
            launch: Launch { epoch: EpochBy::SourceDateEpoch, ..launched() },
            ..new("SOURCE_DATE_EPOCH")
        },
        new("another SOURCE_DATE_EPOCH, overruled").variables(&[("SOURCE_DATE_EPOCH", "86400")]),
        new("one thread").threads(1),
        new("two threads").threads(2),
        new("three threads").threads(3),
        new("eight threads").threads(8),
        Condition { repeat: Repeat::Again, ..new("twice into one store") },
        Condition { repeat: Repeat::AtOnce, ..new("three at once into one store") },
    ]
}

fn on_some_machines() -> Vec<(Condition, Option<String>)> {
    let new = Condition::new;
    let needs =
        |tool: &str, how: &str| (!tool::runs(tool)).then(|| format!("no `{tool}` here ({how})"));
    // The others are in memory where there is room.
    let disk = std::env::temp_dir();
    let memory = Path::new("/dev/shm");
    vec![
        (
            Condition { parent: Some(memory.into()), ..new("a file system in memory") },
            (!memory.is_dir()).then(|| "no /dev/shm here".into()),
        ),
        (Condition { parent: Some(disk), ..new("a file system on a disk") }, None),
        (
            new("files of somebody else")
                .placed(Placement { owner: Some(Owner(54_321)), ..Placement::default() }),
            (!may_give_files_away()).then(|| "only root may give files away".into()),
        ),
        (
            new("one processor").prefix(&["taskset", "--cpu-list", "0"]),
            needs("taskset", "util-linux"),
        ),
        (
            new("the clock of 1999").prefix(&["faketime", "1999-12-31 23:59:58"]),
            needs("faketime", "apt-get install faketime"),
        ),
        (
            new("the clock of 2040").prefix(&["faketime", "2040-02-29 12:00:00"]),
            needs("faketime", "apt-get install faketime"),
        ),
    ]
}

fn may_give_files_away() -> bool {
    let file = tempfile::NamedTempFile::new();
    file.is_ok_and(|file| std::os::unix::fs::chown(file.path(), Some(54_321), None).is_ok())
}
