// SPDX-License-Identifier: Apache-2.0
//! A process is killed at a random moment, again and again (LS-15). `STORE_KILLS` says how often;
//! 1000 kills take a minute or two.

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::thread;
use std::time::Duration;

use oci_artifact::store::{CheckMode, Store};

use super::fixture::{complete, empty};
use super::tree;
use super::worker::{Line, Random, report, setting, settles, start, tools_agree};

#[test]
fn nothing_that_was_done_is_lost_when_a_process_is_killed_ls_15() {
    let kills = setting("STORE_KILLS").unwrap_or(25);
    let (dir, _) = empty();
    let root = dir.path().join("store");
    let mut random = Random(kills);
    let mut expected: BTreeMap<String, String> = BTreeMap::new();
    let (out_place, mut extracted) = (tree::place(&root, "own-"), None::<String>);
    let mut done = 0;
    for kill in 0..kills {
        let mut child = start(&root, "own-", kill);
        let (mut out, mut rest) = (child.stdout.take().expect("is piped"), Vec::new());
        // It has begun when it has said something.
        let mut first = [0; 256];
        while !first.contains(&b'@') {
            let length = out.read(&mut first).expect("reads");
            assert_ne!(length, 0, "it ended early");
            rest.extend_from_slice(&first[..length]);
        }
        // In microseconds. Wine takes its time.
        let longest = 1 + random.below(if cfg!(windows) { 1_500_000 } else { 150_000 });
        thread::sleep(Duration::from_micros(random.below(longest)));
        child.kill().expect("kills");
        out.read_to_end(&mut rest).expect("reads");
        let mut errors = String::new();
        child.stderr.take().expect("is piped").read_to_string(&mut errors).expect("reads");
        assert!(!errors.contains("panicked"), "{errors}");
        child.wait().expect("ends");

        let (mut begun, mut is_extracting) = (None, false);
        for line in report(&rest) {
            match line {
                Line::Begins(tag) => begun = Some(tag),
                Line::Extracts => is_extracting = true,
                Line::Extracted(version) => {
                    (extracted, is_extracting) = (Some(version), false);
                    done += 1;
                }
                Line::Done(tag, digest) => {
                    begun = None;
                    done += 1;
                    match digest {
                        Some(digest) => drop(expected.insert(tag, digest)),
                        None => drop(expected.remove(&tag)),
                    }
                }
            }
        }
        // The old tree or the new one, never a mixture.
        let found = tree::whole(&root, &out_place);
        assert!(is_extracting || found == extracted.as_deref(), "{found:?}, not {extracted:?}");
        extracted = found.map(str::to_owned);
        let store = Store::open(&root).expect("opens");
        // What was being done is done or not done.
        if let Some(tag) = begun {
            match store.resolve(&tag) {
                Ok(now) => drop(expected.insert(tag, now.digest.to_string())),
                Err(_) => drop(expected.remove(&tag)),
            }
        }
        let tags = store.list_tags().expect("lists");
        let own: Vec<_> = tags.iter().filter(|tag| tag.starts_with("own-")).collect();
        assert_eq!(own, expected.keys().collect::<Vec<_>>(), "after {kill} kills");
        for tag in &tags {
            let found = store.resolve(tag).expect("resolves");
            complete(&store, &found.digest).expect("is complete");
            if let Some(digest) = expected.get(tag) {
                assert_eq!(found.digest.to_string(), *digest, "{tag}");
            }
        }
        if kill % 10 == 9 {
            let report = Store::check(&root, CheckMode::Report).expect("checks");
            assert!(report.is_sound(), "{:?}", report.findings);
        }
    }
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{kills} kills; {done} things were done between them");
    assert!(done >= 1, "nothing was done");
    settles(&root);
    tools_agree(&root);
}
