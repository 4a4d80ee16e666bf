// SPDX-License-Identifier: Apache-2.0
//! The bytes of `yaml.v3` (lock.md, 2.3), and the digests of 2.5.

use std::fs;

use toolhive_lockfile::content_digest::{Files, of_directory};
use toolhive_lockfile::{Entry, LockFile, Type, Value, read, write};

/// Two outputs of `yaml.v3`, one behind the other: awkward texts in any field, and an empty file.
const GOLDEN: &str = include_str!("../../../../testdata/lockfile/golden.yaml");

/// The part of the golden file whose entries follow the rules, with a whole digest and a name of two
/// letters for the plugin.
fn valid() -> String {
    let (skills, rest) = GOLDEN.split_once("    - name: \"true\"\n").expect("is there");
    let (_, plugins) = rest.split_once("plugins:\n").expect("is there");
    let plugins = plugins.strip_suffix("version: 1\n").expect("is there");
    let digest = "0".repeat(64);
    format!(
        "{skills}plugins:\n{}",
        plugins
            .replace("sha256:00", &format!("sha256:{digest}"))
            .replace("name: p\n", "name: pp\n")
    )
}

#[test]
fn what_the_reference_wrote_is_written_back_byte_for_byte() {
    let text = valid();
    let lock = read(text.as_bytes()).expect("is valid");
    assert_eq!(write(&lock).expect("is valid"), text);
    let [a, b] = &lock.skills[..] else { panic!("two skills") };
    assert_eq!(
        (a.version.as_str(), a.required_by.as_slice()),
        ("1.0", &["b-skill".to_owned()][..])
    );
    assert_eq!(b.version, "1.0.0-rc: 1");
    assert!(b.unsigned && b.explicit && !a.explicit);
    let provenance = a.provenance.as_ref().expect("has one");
    assert_eq!(provenance.signer_identity, "/.github/workflows/release.yml");
    assert_eq!(lock.plugins.len(), 1);
}

#[test]
fn awkward_texts_are_written_as_the_reference_wrote_them() {
    let texts = [
        "true",
        "yes",
        "x # y",
        "1e3",
        "0x1f",
        "multi\nline",
        "@at",
        " lead",
        "2026-11-28",
        "*star",
        "~",
        "ü€",
        "n",
        "1_000",
        "o",
        "-",
        "1:30",
        "l",
        "m",
    ];
    for text in texts {
        let entry = Entry {
            name: "ab".to_owned(),
            source: text.to_owned(),
            digest: "0".repeat(40),
            ..Entry::default()
        };
        let lock = LockFile { skills: vec![entry], ..LockFile::default() };
        let written = write(&lock).expect("is valid");
        let (_, value) = written.split_once("source: ").expect("is there");
        let (value, _) = value.split_once("\n      digest:").expect("is there");
        assert!(GOLDEN.contains(&format!(": {value}\n")), "{text:?}: {value}");
    }
}

#[test]
fn an_empty_file_is_version_1() {
    for text in ["", "# nothing\n", "{}\n", "version: 1\n", "version: 0\nskills:\nplugins: []\n"] {
        let lock = read(text.as_bytes()).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(lock, LockFile::default(), "{text:?}");
        assert_eq!(write(&lock).expect("is valid"), "version: 1\n");
    }
}

#[test]
fn unknown_keys_stay_at_every_level_and_comments_do_not() {
    let text = "# c\nversion: 1\nzz:\n  b: 1.0 # c\n  a10: [x, 'true', ~]\n  a9: {}\n\
                skills:\n- zeta: 0x1F\n  name: ab\n  source: x\n  \
                digest: sha256:0000000000000000000000000000000000000000000000000000000000000000\n  \
                provenance: {signerIdentity: a, certIssuer: b, later: [[1], [{k: v}]]}\n";
    let lock = read(text.as_bytes()).expect("is valid");
    let written = write(&lock).expect("is valid");
    let expected = "version: 1\nskills:\n    - name: ab\n      source: x\n      digest: \
        sha256:0000000000000000000000000000000000000000000000000000000000000000\n      provenance:\n        \
        signerIdentity: a\n        certIssuer: b\n        later:\n            - - 1\n            - - k: v\n      \
        zeta: 0x1F\nzz:\n    a9: {}\n    a10:\n        - x\n        - \"true\"\n        - ~\n    b: 1.0\n";
    assert_eq!(written, expected);
    assert_eq!(read(written.as_bytes()).map(|again| write(&again).unwrap()).unwrap(), written);
    let Some((_, Value::Map(pairs))) = lock.other.first() else { panic!("a mapping") };
    let Some((_, Value::Scalar(b))) = pairs.first() else { panic!("a scalar") };
    assert_eq!((b.text.as_str(), b.is), ("1.0", Type::Other));
}

#[test]
fn content_digests_are_the_reference_s() {
    let root = tempfile::tempdir().expect("a directory");
    let put = |path: &str, text: &str| {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().expect("has one")).expect("made");
        fs::write(path, text).expect("written");
    };
    put("SKILL.md", "# Skill");
    put("refs/guide.md", "guide");
    fs::create_dir(root.path().join("empty")).expect("made");
    let tree = of_directory(root.path()).expect("is read");
    let known = "sha256:9b46342aaebede490f12bf67a5ecb4be507c7684ee5e11a0511b54c701f464bd";
    assert_eq!((tree.digest.as_str(), tree.strange.len()), (known, 0));
    put(".hidden", "");
    let more = of_directory(root.path()).expect("is read");
    assert_ne!(more.digest, known, "hidden files count");
    std::os::unix::fs::symlink("/etc/hosts", root.path().join("link")).expect("linked");
    let linked = of_directory(root.path()).expect("is read");
    assert_eq!(linked.strange, [b"link".to_vec()]);
    assert_eq!(linked.digest, more.digest, "links do not count");
}

#[test]
fn a_path_that_leads_elsewhere_has_no_digest() {
    for path in ["", "/a", "../a", "a/..", "a\nb", "a\u{7f}", "./"] {
        assert!(Files::default().add(path.as_bytes(), [0; 32]).is_err(), "{path:?}");
    }
    assert!(Files::default().digest().is_err(), "an empty set");
    let mut files = Files::default();
    files.add(b"./a", [0; 32]).expect("is taken");
    files.add(b"a", [0; 32]).expect("is taken");
    assert!(files.digest().is_err(), "one path twice");
    let empty = tempfile::tempdir().expect("a directory");
    assert!(of_directory(empty.path()).is_err());
}
