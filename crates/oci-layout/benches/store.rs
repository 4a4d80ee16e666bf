// SPDX-License-Identifier: Apache-2.0
//! Benchmark of stores of 10, 1,000 and 10,000 builds (LS-13): a table of the best of some runs and of the ratio to
//! the smallest store.
//!
//! `cargo bench -p oci-layout --bench store`

#![allow(missing_docs)]

#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../tests/it/store/fixture.rs"]
mod fixture;

use std::time::{Duration, Instant};

use oci_layout::store::{CheckMode, GcOptions, Origin, Store};

use fixture::{build, empty, now, put};

const SIZES: [u64; 3] = [10, 1_000, 10_000];
const NAMES: [&str; 8] =
    ["open", "build", "resolve", "list tags", "list entries", "remove", "gc", "check"];

#[allow(clippy::print_stdout, reason = "the table")]
fn main() {
    let table = SIZES.map(measure);
    println!("{:14}{}", "builds", SIZES.map(|size| format!("{size:>22}")).concat());
    for (at, name) in NAMES.iter().enumerate() {
        let smallest = table[0][at].as_secs_f64();
        let cell = |times: &[Duration; 8]| {
            let ratio = times[at].as_secs_f64() / smallest;
            format!("{:>13.3?} x{ratio:<7.2}", times[at])
        };
        println!("{name:14}{}", table.iter().map(cell).collect::<String>());
    }
}

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
