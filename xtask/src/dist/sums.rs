// SPDX-License-Identifier: Apache-2.0
//! `SHA256SUMS`, the list that vouches for all other files of a release, and its signature.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_artifact::digest;
use signatures::key::{PrivateKey, PublicKey};

use crate::Result;

/// The list's name.
pub(super) const NAME: &str = "SHA256SUMS";

/// The signature's name: base64 of what ECDSA gives, as `cosign sign-blob` writes it.
pub(super) const SIGNATURE: &str = "SHA256SUMS.sig";

/// The variable with the password of a key, as for `toolhive-oci plugin sign`.
const PASSWORD: &str = "COSIGN_PASSWORD";

/// Returns the list of those files, in the order of their names.
pub(super) fn of(files: &BTreeMap<String, Vec<u8>>) -> String {
    let mut text = String::new();
    for (name, bytes) in files {
        let _ = writeln!(text, "{}  {name}", digest::sha256(bytes).hex());
    }
    text
}

/// Returns the signature of a list by the key in that file.
pub(super) fn sign(list: &str, key: &Path) -> Result<String> {
    let pem = fs::read(key).map_err(|error| format!("{}: {error}", key.display()))?;
    let password = std::env::var_os(PASSWORD).unwrap_or_default().into_encoded_bytes();
    let key = PrivateKey::from_pem(&pem, &password).map_err(|fault| fault.to_string())?;
    Ok(STANDARD.encode(key.sign(list.as_bytes())) + "\n")
}

/// Makes sure that the files of a directory are those of its list and, where a key is given, that the
/// key's owner signed it.
pub(super) fn check(directory: &Path, key: Option<&Path>) -> Result<usize> {
    let list = fs::read_to_string(directory.join(NAME))?;
    let mut files = 0;
    for line in list.lines() {
        let (expected, name) = line.split_once("  ").ok_or_else(|| format!("{NAME}: {line}"))?;
        let bytes = fs::read(directory.join(name)).map_err(|error| format!("{name}: {error}"))?;
        let found = digest::sha256(&bytes);
        if found.hex() != expected {
            return Err(format!("{name}: has {}, not {expected}", found.hex()).into());
        }
        files += 1;
    }
    if let Some(path) = key {
        let pem = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let public = PublicKey::from_pem(&pem).map_err(|fault| fault.to_string())?;
        let signature = fs::read_to_string(directory.join(SIGNATURE))
            .map_err(|error| format!("{SIGNATURE}: {error}"))?;
        let signature =
            STANDARD.decode(signature.trim()).map_err(|error| format!("{SIGNATURE}: {error}"))?;
        if !public.verifies(list.as_bytes(), &signature) {
            return Err(format!("{SIGNATURE}: not by the owner of {}", path.display()).into());
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_checked_with_its_files_and_its_signature() {
        let place = tempfile::tempdir().expect("a directory");
        let path = |name: &str| place.path().join(name);
        let write = |name: &str, text: &str| fs::write(path(name), text).expect("written");
        let key = |number| PrivateKey::from_random(&[number; 32]).expect("a key");
        write("key", &key(1).to_pem().expect("PEM"));
        write("pub", &key(1).public().expect("a key").to_pem());
        write("other", &key(2).public().expect("a key").to_pem());
        let files = BTreeMap::from([("a".to_owned(), b"x".to_vec()), ("b".to_owned(), Vec::new())]);
        write("a", "x");
        write("b", "");
        let list = of(&files);
        write(NAME, &list);
        assert!(check(place.path(), Some(&path("pub"))).is_err(), "no signature yet");
        write(SIGNATURE, &sign(&list, &path("key")).expect("a signature"));
        assert_eq!(check(place.path(), Some(&path("pub"))).expect("all is well"), 2);
        let error = check(place.path(), Some(&path("other"))).expect_err("somebody else's");
        assert!(error.to_string().contains("not by the owner"), "{error}");
        write("b", "changed");
        assert!(check(place.path(), None).is_err(), "b is another file");
        fs::remove_file(path("b")).expect("removed");
        assert!(check(place.path(), None).is_err(), "b is gone");
    }
}
