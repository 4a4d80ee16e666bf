// SPDX-License-Identifier: Apache-2.0
//! Every verb is for one kind, and says of anything else what it is and which command is meant
//! (VB-1).

use oci_artifact::identity::{Identity, identify};
use oci_artifact::media_type::IMAGE_CONFIG;
use oci_artifact::reader::ContentSource;
use oci_artifact::{Error, ErrorKind, Result};

use super::Kind;

/// Checks that what `reference` names is of this kind. `words` are what follows the kind on the
/// command line: the verb, and what it is given.
///
/// # Errors
/// [`ErrorKind::InvalidDocument`] if it is something else; those of reading it from `source`.
pub(crate) fn check<K: Kind>(
    source: &dyn ContentSource,
    reference: &str,
    words: &[&str],
) -> Result<()> {
    match refusal::<K>(&identify(source, reference)?, reference, words) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// The error for an artifact of another kind, or of none.
pub(crate) fn refusal<K: Kind>(found: &Identity, reference: &str, words: &[&str]) -> Option<Error> {
    let what = match (found.artifact_type.as_deref(), found.config_type.as_deref()) {
        (Some(found), _) if found == K::ARTIFACT_TYPE => return None,
        (Some(found), _) if found == K::OTHER.artifact_type => {
            let (other, own) = (K::OTHER.name, K::NAME);
            let message = format!("{reference} is a {other}, not a {own}");
            let words = words.iter().map(|word| shell_word(word)).collect::<Vec<_>>().join(" ");
            let help = match words.is_empty() {
                true => format!("name a {own}"),
                false => format!("the command for it is `{other} {words}`"),
            };
            return Some(Error::new(ErrorKind::InvalidDocument, message).with_help(help));
        }
        (Some(found), _) => format!("an artifact of the type {found:?}"),
        (None, Some(IMAGE_CONFIG)) => "an image that runs in a container".to_owned(),
        (None, Some(config)) => format!("an artifact with a config of the type {config:?}"),
        (None, None) => format!("{:?} without a type of its own", found.media_type),
    };
    let message = format!("{reference} is not a {}, but {what}", K::NAME);
    let error = Error::new(ErrorKind::InvalidDocument, message);
    Some(error.with_help(
        "this program is for plugins and skills; use another one, such as skopeo, for this",
    ))
}

/// A word as a shell takes it.
fn shell_word(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=+,%".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
