// SPDX-License-Identifier: Apache-2.0
//! Every single look at a file fails, once and for good (LS-16): whatever a command keeps when it can
//! read everything, it keeps when it cannot.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use held_directory::Errno;
use tempfile::TempDir;

use super::super::fs::faults::{Looks, blind};
use super::{build, no_grace};
use crate::store::{CheckMode, FindingKind, GcOptions, Origin, Store};
use crate::{ErrorKind, Result, digest};

/// A store in which builds share content, and in which all kinds of things lie that commands look at.
fn sound(root: &Path) {
    let store = Store::open(root).expect("opens");
    build(&store, "one").expect("builds");
    shares(&store, "two", "one");
    shares(&store, "three", "one");
    build(&store, "moved").expect("builds");
    shares(&store, "moved", "one");
    store.put_blob(b"garbage").expect("puts");
    // Another program lists content without a tag, and drops an entry of ours.
    shares(&store, "untagged", "one");
    shares(&store, "dropped", "one");
    let index = store.root().join("index.json");
    let text = fs::read_to_string(&index).expect("reads");
    let name = r#""org.opencontainers.image.ref.name":"untagged""#;
    let text = text.replace(name, r#""another":"annotation""#);
    let start = text.find(r#"{"mediaType""#).expect("has entries");
    let (entry, rest) = text[start..].split_once("},{").expect("has more");
    assert!(entry.contains(r#""dropped""#), "{entry}");
    fs::write(&index, format!("{}{{{rest}", &text[..start])).expect("writes");
    fs::create_dir(store.root().join("ingest/4711-0")).expect("makes");
    fs::write(store.root().join("ingest/4711-0/0"), "half").expect("writes");
}

/// Damages a store: a corrupt blob, a tag without content, and two entries with one tag.
fn hurt(root: &Path) {
    sound(root);
    let store = Store::open(root).expect("opens");
    build(&store, "corrupt").expect("builds");
    build(&store, "gone").expect("builds");
    shares(&store, "same", "one");
    let blob = |tag: &str| {
        let digest = store.resolve(tag).expect("resolves").digest;
        store.layout().blob(&digest).path()
    };
    let (gone, corrupt) = (blob("gone"), blob("corrupt"));
    fs::remove_file(gone).expect("removes");
    let text = fs::read(&corrupt).expect("reads");
    fs::remove_file(&corrupt).expect("removes");
    fs::write(&corrupt, [&text[..], b" "].concat()).expect("writes");
    let index = store.root().join("index.json");
    let text = fs::read_to_string(&index).expect("reads");
    fs::write(&index, text.replace("\"same\"", "\"three\"")).expect("writes");
}

/// Makes a sound store with an index file that is cut off.
fn cut(root: &Path) {
    sound(root);
    let index = root.join("index.json");
    let text = fs::read(&index).expect("reads");
    fs::write(&index, &text[..text.len() - 20]).expect("writes");
}

/// Makes a sound store without an index file.
fn lost(root: &Path) {
    sound(root);
    fs::remove_file(root.join("index.json")).expect("removes");
}

/// A manifest of its own that needs what another one needs.
pub(super) fn shares(store: &Store, tag: &str, with: &str) {
    let shared = store.get_blob(&store.resolve(with).expect("resolves").digest).expect("reads");
    let text = String::from_utf8(shared).expect("text");
    let text = text.replacen('{', &format!(r#"{{"annotations":{{"a.name":"{tag}"}},"#), 1);
    let ingest = store.ingest().expect("starts");
    let digest = ingest.put_manifest(text.as_bytes()).expect("puts");
    ingest.tag(&digest, tag, Origin::LocalBuild).expect("tags");
    ingest.commit().expect("commits");
}

/// The content of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Contents {
    /// The blobs with what they hold.
    blobs: BTreeMap<String, Vec<u8>>,
    /// Tags and their digests; none if nothing can be read of the index file.
    tags: BTreeSet<(String, String)>,
    index: Option<Vec<u8>>,
}

impl Contents {
    fn of(root: &Path) -> Self {
        let mut blobs = BTreeMap::new();
        for entry in fs::read_dir(root.join("blobs/sha256")).expect("reads") {
            let path = entry.expect("reads").path();
            let name = path.file_name().expect("has one").to_str().expect("text").to_owned();
            blobs.insert(name, fs::read(&path).expect("reads"));
        }
        let entries = Store::open_existing(root).and_then(|store| store.entries());
        let tags = entries.unwrap_or_default().into_iter();
        let tags = tags.filter_map(|entry| Some((entry.tag?, entry.descriptor.digest.to_string())));
        let index = fs::read(root.join("index.json")).ok();
        Self { blobs, tags: tags.collect(), index }
    }

    /// Returns the content of `of` that is missing here.
    fn lacks(&self, of: &Self) -> Vec<String> {
        let blobs = of.blobs.iter().filter(|(name, text)| self.blobs.get(*name) != Some(text));
        let is_sound =
            |(name, text): &(&String, &Vec<u8>)| digest::sha256(text).hex() == name.as_str();
        let blobs = blobs.filter(is_sound).map(|(name, _)| name.clone());
        blobs.chain(of.tags.difference(&self.tags).map(|(tag, _)| tag.clone())).collect()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("makes");
    for entry in fs::read_dir(from).expect("reads").map(|entry| entry.expect("reads")) {
        let to = to.join(entry.file_name());
        match entry.path() {
            path if path.is_dir() => copy(&path, &to),
            // Nothing is ever written to a blob.
            path if path.components().any(|it| it.as_os_str() == "sha256") => {
                fs::hard_link(path, to).expect("links")
            }
            path => drop(fs::copy(path, to).expect("copies")),
        }
    }
}

/// The result of a command.
type Said = Result<Vec<FindingKind>>;

/// Lets each look fail that a command takes at a store, in each way; prints how often that was.
fn sweep(name: &str, scene: Scene, command: fn(&Path) -> Said) {
    let dir = TempDir::new().expect("a directory");
    let model = dir.path().join("model");
    scene(&model);
    let before = Contents::of(&model);
    let fresh = |name: &str| {
        let root = dir.path().join(name);
        copy(&model, &root);
        root
    };
    let root = fresh("seen");
    let (result, looks) = blind(None, || command(&root));
    result.expect("works");
    let mut kept = Contents::of(&root);
    let is_lost = before.tags.is_empty();
    if !is_lost {
        // What is listed again where all can be read was not listed before.
        kept.tags.retain(|tag| before.tags.contains(tag));
    }
    let errors = [Errno::IO, Errno::ACCESS, Errno::MFILE];
    let ways: [fn(usize) -> Looks; 2] = [Looks::Only, Looks::From];
    let plans = errors.iter().flat_map(|error| ways.map(|way| (way, *error)));
    // A bad sector is there for good.
    let plans: Vec<_> = plans.chain([(Looks::There as fn(usize) -> Looks, Errno::IO)]).collect();
    let (mut tried, mut refused) = (0, 0);
    for (at, look) in looks.iter().enumerate() {
        for (way, error) in plans.iter().copied() {
            let root = fresh("blind");
            let plan = (way(at), error);
            let (said, _) = blind(Some(plan), || command(&root));
            let why = format!("{name}, {plan:?} of {look:?}: {said:?}");
            let after = Contents::of(&root);
            tried += 1;
            if let Err(error) = &said {
                refused += 1;
                assert_eq!(error.kind(), ErrorKind::Io, "{why}");
                assert_eq!(after, before, "an error, and something was changed: {why}");
            }
            // Where tags were lost before, they are found again when all can be read again.
            if is_lost && after.index != before.index {
                command(&root).expect("works");
                assert_eq!(Contents::of(&root).lacks(&kept), [""; 0], "{why}");
            } else if after.index == before.index {
                let blobs = Contents { tags: BTreeSet::new(), ..kept.clone() };
                assert_eq!(after.lacks(&blobs), [""; 0], "{why}");
            } else {
                assert_eq!(after.lacks(&kept), [""; 0], "{why}");
            }
            fs::remove_dir_all(&root).expect("removes");
        }
    }
    let mut out = io::stdout().lock();
    let looks = looks.len();
    let _ = writeln!(
        out,
        "{name}: {looks} looks, 3 errors, once and for good: {tried} tried, {refused} refused, 0 lost"
    );
}

fn collect(root: &Path) -> Said {
    Store::open_existing(root)?.gc(no_grace()).map(|_| Vec::new())
}

fn collect_in_time(root: &Path) -> Said {
    let mut options = GcOptions::new(no_grace().now);
    options.grace = Duration::ZERO;
    Store::open_existing(root)?.gc(options).map(|_| Vec::new())
}

fn remove(root: &Path) -> Said {
    Store::open_existing(root)?.delete_build("two").map(|_| Vec::new())
}

fn untag(root: &Path) -> Said {
    Store::open_existing(root)?.delete_tag("two").map(|()| Vec::new())
}

fn check(root: &Path, mode: CheckMode) -> Said {
    let report = Store::check(root, mode)?;
    Ok(report.findings.iter().map(|finding| finding.kind).collect())
}

#[test]
fn any_look_of_a_collection_fails_ls_16() {
    sweep("gc --grace 0", sound, collect);
}

#[test]
fn any_look_of_a_collection_that_waits_fails_ls_16() {
    sweep("gc", sound, collect_in_time);
}

#[test]
fn any_look_of_a_removal_fails_ls_16() {
    sweep("remove", sound, remove);
    sweep("untag", sound, untag);
}

#[test]
fn any_look_of_a_check_fails_ls_16() {
    for (name, scene) in &SCENES[..2] {
        sweep(&format!("check, {name}"), *scene, |root| check(root, CheckMode::Report));
    }
}

#[test]
fn any_look_of_a_repair_fails_ls_16() {
    for (name, scene) in SCENES {
        sweep(&format!("repair, {name}"), scene, |root| check(root, CheckMode::Repair));
    }
}

/// A function that makes a store.
type Scene = fn(&Path);

const SCENES: [(&str, Scene); 4] =
    [("sound", sound), ("hurt", hurt), ("index file cut", cut), ("index file lost", lost)];

#[test]
fn a_check_says_what_it_cannot_read_ls_16() {
    let dir = TempDir::new().expect("a directory");
    let root = dir.path().join("store");
    sound(&root);
    let report = || check(&root, CheckMode::Report);
    let (seen, looks) = blind(None, report);
    assert!(!seen.expect("checks").contains(&FindingKind::Unreadable));
    for (at, look) in looks.iter().enumerate() {
        let (said, _) = blind(Some((Looks::There(at), Errno::IO)), report);
        let said = said.expect("is a finding, and no failure");
        assert!(said.contains(&FindingKind::Unreadable), "{look:?}: {said:?}");
    }
}
