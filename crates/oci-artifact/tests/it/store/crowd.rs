// SPDX-License-Identifier: Apache-2.0
//! Eight processes work on one store at once (LS-5, LS-6, LS-11). `STORE_CROWD_SECONDS` says how
//! long.

use std::fs;
use std::io::{self, Write as _};
use std::thread;
use std::time::Duration;

use oci_artifact::store::Store;

use super::fixture::empty;
use super::worker::{Line, report, setting, settles, start, tools_agree};

#[test]
fn a_crowd_loses_no_tag_and_breaks_none_ls_6_ls_11() {
    let seconds = setting("STORE_CROWD_SECONDS").unwrap_or(if cfg!(windows) { 15 } else { 3 });
    let (dir, _) = empty();
    let root = dir.path().join("store");
    let workers: Vec<_> =
        (0..8).map(|number| start(&root, &format!("own-{number}-"), number)).collect();
    // A worker's output is read while it works, so that it is never in its way.
    let readers: Vec<_> = workers
        .into_iter()
        .map(|worker| thread::spawn(|| worker.wait_with_output().expect("ends")))
        .collect();
    thread::sleep(Duration::from_secs(seconds));
    fs::write(dir.path().join("stop"), "").expect("writes");
    let outputs: Vec<_> = readers.into_iter().map(|it| it.join().expect("reads")).collect();

    let store = Store::open(&root).expect("opens");
    let mut done = 0;
    for output in outputs {
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{errors}");
        let lines = report(&output.stdout);
        let tags = (0..4).filter_map(|tag| {
            lines.iter().rev().find_map(|line| match line {
                Line::Done(name, digest) if name.ends_with(&format!("-{tag}")) => {
                    Some((name, digest))
                }
                _ => None,
            })
        });
        for (tag, digest) in tags {
            let found = store.resolve(tag).ok().map(|found| found.digest.to_string());
            assert_eq!(&found, digest, "{tag}");
        }
        done += lines.iter().filter(|line| matches!(line, Line::Done(..))).count();
    }
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "8 processes did {done} things in {seconds} s");
    assert!(done >= 8, "nothing was done");
    settles(&root);
    tools_agree(&root);
}
