// SPDX-License-Identifier: Apache-2.0
//! What things cost in a large store (LS-13): a table. `STORE_SCALE` is the largest number of
//! builds; with 10000 this takes a minute or two.

use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use oci_artifact::store::{CheckMode, GcOptions, Origin, Store};

use super::fixture::{build, empty, now, put};
use super::worker::setting;

/// The best of some runs: what the work takes if nothing comes between.
#[expect(clippy::disallowed_methods, reason = "a measurement")]
fn best(runs: usize, mut work: impl FnMut(usize)) -> Duration {
    let time = |run| {
        let start = Instant::now();
        work(run);
        start.elapsed()
    };
    (0..runs).map(time).min().unwrap_or_default()
}

#[test]
fn ls_13_costs_in_small_and_large_stores() {
    let largest = setting("STORE_SCALE").unwrap_or(100).max(10);
    let sizes = [10, 100, 1_000, 10_000].into_iter().filter(|size| *size <= largest);
    let table: Vec<_> = sizes.map(|size| (size, measure(size))).collect();
    let mut out = io::stdout().lock();
    let names = ["open", "build", "resolve", "list", "entries", "remove", "gc", "check"];
    for (at, name) in names.iter().enumerate() {
        let times = table.iter().map(|(size, times)| format!("{size}: {:?}", times[at]));
        let _ = writeln!(out, "{name:8} {}", times.collect::<Vec<_>>().join("  "));
    }
    drop(out);
    // Times vary where others work too: what must not happen is growth with the store.
    let (small, large) = (table[0].1, table.last().expect("has rows").1);
    assert!(large[1] < small[1] * 20, "a build: {:?}, {:?}", small[1], large[1]);
}

fn measure(size: u64) -> [Duration; 8] {
    let (dir, store) = empty();
    let root = dir.path().join("store");
    let ingest = store.ingest().expect("starts");
    for number in 0..size {
        let tag = format!("ghcr.io/example/plugin-{number:05}:v1.0.0");
        let built = put(&ingest, &tag, &tag);
        ingest.tag(&built.index, &tag, Origin::LocalBuild).expect("a tag");
    }
    ingest.commit().expect("commits");
    let tag = "ghcr.io/example/plugin-00007:v1.0.0";
    let open = best(20, |_| drop(Store::open(&root).expect("opens")));
    let store = Store::open(&root).expect("opens");
    let built = best(20, |run| drop(build(&store, &format!("new-{run:02}"))));
    let resolve = best(20, |_| drop(store.resolve(tag).expect("resolves")));
    let list = best(5, |_| drop(store.list_tags().expect("lists")));
    let entries = best(5, |_| drop(store.entries().expect("lists")));
    let remove = best(5, |run| {
        let removed = store.delete_build(&format!("new-{run:02}")).expect("removes");
        assert_eq!(removed.blobs.len(), 6);
    });
    let gc = best(3, |_| drop(store.gc(GcOptions::new(now())).expect("collects")));
    let check = best(1, |_| {
        assert!(Store::check(&root, CheckMode::Report).expect("checks").is_sound());
    });
    [open, built, resolve, list, entries, remove, gc, check]
}
