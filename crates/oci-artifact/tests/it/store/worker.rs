// SPDX-License-Identifier: Apache-2.0
//! Other processes at work on a store: this test binary, started again.

use std::ffi::OsStr;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use oci_artifact::Digest;
use oci_artifact::ErrorKind;
use oci_artifact::store::{CheckMode, GcOptions, Origin, Store};
use test_support::tools;

use super::fixture::{complete, now, put, text};
use super::tree;

/// A number from the environment, for the long forms of the tests.
#[expect(clippy::disallowed_methods, reason = "how long a test takes is for its caller")]
pub(super) fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Starts a worker; `prefix` begins the tags that are its own.
#[expect(clippy::disallowed_methods, reason = "the binary starts itself")]
pub(super) fn start(root: &Path, prefix: &str, seed: u64) -> Child {
    tree::lay(root);
    Command::new(std::env::current_exe().expect("has a path"))
        .args(["--exact", "store::worker::works_on_a_store_if_it_is_told_to", "--nocapture"])
        .env("STORE_WORKER_ROOT", root)
        .env("STORE_WORKER_PREFIX", prefix)
        .env("STORE_WORKER_SEED", seed.to_string())
        .env("RUST_BACKTRACE", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts")
}

/// One line of a worker's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// The worker begins to work on a tag of its own.
    Begins(String),
    /// The worker has finished; the digest that the tag has now, if it has one.
    Done(String, Option<String>),
    /// The worker begins to extract.
    Extracts,
    /// The worker has put that version in its place.
    Extracted(String),
}

/// The report in what a worker has printed.
pub(super) fn report(output: &[u8]) -> Vec<Line> {
    let text = String::from_utf8_lossy(output);
    // A line that was cut off has not been said.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let lines = whole.lines().filter_map(|line| line.split_once('@'));
    lines
        .map(|(_, line)| {
            let words: Vec<_> = line.split(' ').collect();
            match words[..] {
                ["begins", tag] => Line::Begins(tag.to_owned()),
                ["done", tag] => Line::Done(tag.to_owned(), None),
                ["extracts"] => Line::Extracts,
                ["extracted", version] => Line::Extracted(version.to_owned()),
                ["done", tag, digest] => Line::Done(tag.to_owned(), Some(digest.to_owned())),
                _ => panic!("{line:?}"),
            }
        })
        .collect()
}

/// Numbers without order.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) % limit
    }
}

#[test]
fn works_on_a_store_if_it_is_told_to() {
    let (Some(root), Some(prefix)) = (text("STORE_WORKER_ROOT"), text("STORE_WORKER_PREFIX"))
    else {
        return;
    };
    let seed = setting("STORE_WORKER_SEED").expect("a number");
    let root = Path::new(&root);
    let mut worker =
        Worker { prefix, random: Random(seed), store: Store::open(root).expect("opens") };
    worker.say("begins -");
    let stop = root.with_file_name("stop");
    while !stop.exists() {
        worker.step();
    }
}

struct Worker {
    prefix: String,
    random: Random,
    store: Store,
}

impl Worker {
    /// Says a line in one write.
    fn say(&self, line: &str) {
        let mut out = io::stdout().lock();
        out.write_all(format!("@{line}\n").as_bytes())
            .and_then(|()| out.flush())
            .expect("is heard");
    }

    /// Takes one random step. Tags of its own are reported; others are everybody's.
    fn step(&mut self) {
        let own = format!("{}{}", self.prefix, self.random.below(4));
        let shared = format!("shared-{}", self.random.below(4));
        match self.random.below(14) {
            0..=3 => {
                self.say(&format!("begins {own}"));
                let digest = self.build(&own);
                self.say(&format!("done {own} {digest}"));
            }
            4 => drop(self.build(&shared)),
            5 => {
                self.say(&format!("begins {own}"));
                self.gone(self.store.delete_build(&own).map(|_| ()));
                self.say(&format!("done {own}"));
            }
            6 => self.gone(self.store.delete_build(&shared).map(|_| ())),
            7 => self.gone(self.store.delete_tag(&shared)),
            8 => self.tag(&shared, &own),
            9 => {
                let mut options = GcOptions::new(now());
                options.grace = Duration::ZERO;
                options.unlisted = Duration::ZERO;
                let report = self.store.gc(options).expect("collects");
                assert_eq!(report.problems, []);
            }
            10 => self.read(&shared),
            11 | 12 => self.extract(),
            _ => {
                // Another handle, as another command has.
                self.store = Store::open(self.store.root()).expect("opens");
                self.store.list_tags().expect("lists");
            }
        }
    }

    /// A build that shares blobs with others: there are four layers, and three sets of the rest.
    fn build(&mut self, tag: &str) -> Digest {
        let name = format!("name {}", self.random.below(3));
        let layer = format!("layer {}", self.random.below(4)).repeat(20_000);
        let ingest = self.store.ingest().expect("starts");
        let built = put(&ingest, &name, &layer);
        ingest.tag(&built.index, tag, Origin::LocalBuild).expect("a tag");
        ingest.commit().expect("commits");
        built.index
    }

    fn tag(&self, shared: &str, own: &str) {
        let Ok(descriptor) = self.store.resolve(shared) else { return };
        self.say(&format!("begins {own}"));
        match self.store.tag(&descriptor.digest, own) {
            Ok(_) => self.say(&format!("done {own} {}", &descriptor.digest)),
            // It was removed meanwhile.
            Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}"),
        }
    }

    /// Packages a directory, and extracts it over what it extracted before.
    fn extract(&mut self) {
        let version = if self.random.below(2) == 0 { "one" } else { "two" };
        tree::build(&self.store, version);
        self.say("extracts");
        tree::replace(&self.store, version, &tree::place(self.store.root(), &self.prefix));
        self.say(&format!("extracted {version}"));
    }

    fn gone(&self, result: oci_artifact::Result<()>) {
        if let Err(error) = result {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
        }
    }

    /// Reads all of a build. If some of it is missing, the tag must have gone or moved.
    fn read(&self, tag: &str) {
        for _ in 0..20 {
            let digest = match self.store.resolve(tag) {
                Ok(descriptor) => descriptor.digest,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}");
                    return;
                }
            };
            match complete(&self.store, &digest) {
                Ok(()) => return,
                Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound, "{error:?}"),
            }
        }
        panic!("{tag} stays incomplete");
    }
}

/// The store is sound, and after `gc` holds what is reached and nothing else.
pub(super) fn settles(root: &Path) {
    let report = Store::check(root, CheckMode::Report).expect("checks");
    assert!(report.is_sound(), "{:?}", report.findings);
    let store = Store::open(root).expect("opens");
    let mut options = GcOptions::new(now());
    options.grace = Duration::ZERO;
    options.unlisted = Duration::ZERO;
    assert_eq!(store.gc(options).expect("collects").problems, []);
    let report = Store::check(root, CheckMode::Report).expect("checks");
    assert_eq!(report.findings, []);
    assert_eq!(super::fixture::leftovers(&store), 0);
}

/// Debian's skopeo and umoci read the store as this crate does; where they are installed.
pub(super) fn tools_agree(root: &Path) {
    let store = Store::open(root).expect("opens");
    let tags = store.list_tags().expect("lists");
    let run = |name: &str, arguments: &[&OsStr]| {
        let is_here = tools::are_installed(&[name]);
        is_here.then(|| {
            let output = Command::new(name).args(arguments).output().expect("it starts");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            output.stdout
        })
    };
    if let Some(list) = run("umoci", &["ls".as_ref(), "--layout".as_ref(), root.as_ref()]) {
        let list = String::from_utf8(list).expect("text");
        let mut list: Vec<_> = list.lines().collect();
        list.sort_unstable();
        assert_eq!(list, tags);
    }
    for tag in tags {
        let reference = format!("oci:{}:{tag}", root.display());
        let Some(raw) = run("skopeo", &["inspect".as_ref(), "--raw".as_ref(), reference.as_ref()])
        else {
            break;
        };
        let digest = store.resolve(&tag).expect("resolves").digest;
        assert_eq!(raw, store.get_blob(&digest).expect("reads"), "{tag}");
    }
}
