// SPDX-License-Identifier: Apache-2.0
//! Digests of which only the start is given (VB-6).

use std::borrow::Cow;
use std::collections::BTreeSet;

use oci_artifact::store::Store;
use oci_artifact::{Digest, Error, ErrorKind, Result};

/// The fewest hexadecimal digits that stand for a digest.
const FEWEST: usize = 4;
/// The most candidates that are named.
const NAMED: usize = 10;

/// The reference, or the one digest of the store that it is the start of. A tag is never taken for a
/// digest; what is neither stays as it is.
///
/// # Errors
/// As of [`find`].
pub(crate) fn whole<'a>(store: &Store, reference: &'a str) -> Result<Cow<'a, str>> {
    match find(store, reference)? {
        Some(digest) => Ok(Cow::Owned(digest.to_string())),
        None => Ok(Cow::Borrowed(reference)),
    }
}

/// The one digest of the store that begins like this, with `sha256:` or without, unless it is a tag.
/// Listed content comes before other blobs of the store.
///
/// # Errors
/// As of [`among`]; those of [`Store::listed`] and of [`Store::blobs`].
pub(crate) fn find(store: &Store, reference: &str) -> Result<Option<Digest>> {
    if start(reference).is_none() {
        return Ok(None);
    }
    let listed = store.listed()?;
    if listed.iter().any(|one| one.tag.as_deref() == Some(reference)) {
        return Ok(None);
    }
    let tag = |digest: &Digest| {
        let mut tags = listed.iter().filter(|one| one.digest == *digest);
        tags.find_map(|one| one.tag.clone())
    };
    if let Some(found) = among(reference, listed.iter().map(|one| one.digest), tag)? {
        return Ok(Some(found));
    }
    among(reference, store.blobs()?.into_iter(), tag)
}

/// The one of these digests that begins like this, with `sha256:` or without.
///
/// # Errors
/// [`ErrorKind::InvalidReference`] if several do, with the first of them, and their tags.
pub(crate) fn among(
    reference: &str,
    digests: impl Iterator<Item = Digest>,
    tag: impl Fn(&Digest) -> Option<String>,
) -> Result<Option<Digest>> {
    let start = reference.strip_prefix("sha256:").unwrap_or(reference);
    if start.len() < FEWEST {
        return Ok(None);
    }
    let mut found: BTreeSet<Digest> =
        digests.filter(|digest| digest.hex().starts_with(start)).collect();
    if found.len() > 1 {
        let name = |digest| match tag(digest) {
            Some(tag) => format!("{digest} ({tag})"),
            None => digest.to_string(),
        };
        let mut named: Vec<String> = found.iter().take(NAMED).map(name).collect();
        if found.len() > NAMED {
            named.push(format!("{} more", found.len() - NAMED));
        }
        let message = format!("{reference} is the start of {} digests", found.len());
        return Err(Error::new(ErrorKind::InvalidReference, message)
            .with_help(format!("add more of its digits: {}", named.join(", "))));
    }
    Ok(found.pop_first())
}

/// The hexadecimal digits of what may be the start of a digest.
fn start(text: &str) -> Option<&str> {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    let is_start = (FEWEST..64).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    is_start.then_some(digits)
}

/// The error for a reference that the store does not have, if it looks like the start of a digest.
pub(crate) fn missing(reference: &str, error: Error) -> Error {
    match reference.strip_prefix("sha256:") {
        Some(digits) if start(reference).is_some() => error
            .with_help(format!("no digest here begins with {digits}; `list --stored` lists them")),
        Some(_) => error.with_help(format!(
            "a digest is sha256: and 64 hexadecimal digits, or at least the first {FEWEST} of them"
        )),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_start_of_a_digest_is_known_vb_6() {
        for (text, digits) in [
            ("98104016ba2c", Some("98104016ba2c")),
            ("sha256:9810", Some("9810")),
            ("sha256:981", None),
            ("981", None),
            ("9810g", None),
            ("BEEF", None),
            ("beef", Some("beef")),
            ("release-notes", None),
            ("sha512:9810", None),
        ] {
            assert_eq!(start(text), digits, "{text}");
        }
        assert_eq!(start(&"a".repeat(64)), None, "all of them are no start");
    }

    #[test]
    fn one_is_found_several_are_refused_and_a_tag_comes_first_vb_6() {
        let root = tempfile::tempdir().expect("a directory");
        let store = Store::open(root.path()).expect("opens");
        let blobs = root.path().join("blobs/sha256");
        for start in ["abcd1", "abcd2", "beef0"] {
            fs::write(blobs.join(format!("{start:0<64}")), "").expect("a blob");
        }
        let found = find(&store, "beef").expect("is found").expect("is there");
        assert!(found.to_string().starts_with("sha256:beef0"), "{found}");
        assert_eq!(whole(&store, "cafe").expect("is nothing"), "cafe");
        let error = find(&store, "sha256:abcd").expect_err("two");
        assert_eq!(error.kind(), ErrorKind::InvalidReference);
        let help = error.diagnostics()[0].help.as_ref().expect("help").to_string();
        assert!(help.contains("sha256:abcd1") && help.contains("sha256:abcd2"), "{help}");
        assert!(find(&store, "abcd2").expect("one").is_some());
    }

    #[test]
    fn blobs_that_cannot_be_listed_are_an_error_and_no_answer_vb_6() {
        let root = tempfile::tempdir().expect("a directory");
        let store = Store::open(root.path()).expect("opens");
        fs::remove_dir(root.path().join("blobs/sha256")).expect("is empty");
        assert_eq!(find(&store, "abcd").expect("has none"), None);
        fs::write(root.path().join("blobs/sha256"), "").expect("writes");
        assert_eq!(find(&store, "abcd").expect_err("is a file").kind(), ErrorKind::InvalidStore);
    }
}
