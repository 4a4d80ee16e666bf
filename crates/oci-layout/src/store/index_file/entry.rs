// SPDX-License-Identifier: Apache-2.0
//! One entry of the index file.

use std::borrow::Cow;
use std::ops::Range;

use toolhive_diagnostics::Remedy;

use super::{ANNOTATION_REF_NAME, Place, part, push};
use crate::descriptor::Descriptor;
use crate::{Digest, Error, ErrorKind, Result, json};

/// One entry of the index file, as it is written. It may be anything: what is not understood is
/// kept.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct RawEntry<'a> {
    /// The text of the entry.
    pub(in crate::store) raw: &'a [u8],
    /// Its name, if it has one that is not empty (ST-7).
    pub(in crate::store) tag: Option<&'a str>,
    /// Its digest's text; empty if it has none.
    pub(in crate::store) digest: &'a str,
}

impl Place {
    pub(super) fn entry<'a>(&self, text: &'a [u8]) -> RawEntry<'a> {
        let text_at = |range: &Range<usize>| str(part(text, range.clone()));
        RawEntry {
            raw: part(text, self.raw.clone()),
            tag: Some(text_at(&self.tag)).filter(|tag| !tag.is_empty()),
            digest: text_at(&self.digest),
        }
    }

    /// Returns the key by which entries are ordered.
    pub(super) fn order<'a>(&self, text: &'a [u8]) -> (bool, &'a [u8]) {
        match self.tag.is_empty() {
            false => (false, part(text, self.tag.clone())),
            true => (true, part(text, self.digest.clone())),
        }
    }
}

/// Returns bytes as text; empty if they are not UTF-8, since only text can be a tag or a digest.
fn str(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

/// Finds the offsets of the parts of an entry. A text that had to be decoded goes to `decoded`,
/// which will stand at `offset`.
pub(super) fn place(value: json::Value<'_>, offset: usize, decoded: &mut Vec<u8>) -> Place {
    let (mut tag, mut digest) = (0..0, 0..0);
    let mut locate = |value: Option<json::Value<'_>>| match value.map(|v| (v, v.as_str())) {
        Some((value, Some(Cow::Borrowed(_)))) => {
            let quoted = value.span();
            quoted.start + 1..quoted.end.saturating_sub(1)
        }
        Some((_, Some(Cow::Owned(text)))) => {
            let place = push(decoded, text.as_bytes());
            place.start + offset..place.end + offset
        }
        _ => 0..0,
    };
    for member in value.members() {
        match &*member.key {
            "digest" => digest = locate(Some(member.value)),
            "annotations" => tag = locate(member.value.get(ANNOTATION_REF_NAME)),
            _ => (),
        }
    }
    Place { raw: value.span(), tag, digest }
}

/// Returns the text of an entry for that content. What `model`, another entry, says besides its
/// descriptor is kept; `named` are annotations that are added or replaced.
pub(super) fn write(
    model: Option<&[u8]>,
    content: &Descriptor,
    named: [Option<(&str, &str)>; 2],
) -> Vec<u8> {
    let model = model.and_then(|model| json::parse(model).ok());
    let members = model.into_iter().flat_map(json::Value::members);
    let (own, kept): (Vec<_>, Vec<_>) = members
        .partition(|member| ["mediaType", "digest", "size", "annotations"].contains(&&*member.key));
    let annotations = own.iter().filter(|member| member.key == "annotations");
    let named = named.into_iter().flatten();
    let is_named =
        |key: &str| named.clone().any(|(name, _)| name == key || key == ANNOTATION_REF_NAME);
    let annotations: Vec<_> = annotations
        .flat_map(|list| list.value.members())
        .filter(|member| !is_named(&member.key))
        .collect();
    let mut json = json::Writer::new();
    json.object(|json| {
        json.key("mediaType").string(&content.media_type);
        json.key("digest").string(content.digest.to_string());
        json.key("size").integer(content.size);
        for member in kept {
            json.key(&*member.key).raw(member.value.raw());
        }
        if annotations.is_empty() && named.clone().next().is_none() {
            return;
        }
        json.key("annotations").object(|json| {
            for member in annotations {
                json.key(&*member.key).raw(member.value.raw());
            }
            named.clone().for_each(|(key, value)| json.key(key).string(value));
        });
    });
    json.into_bytes()
}

impl RawEntry<'_> {
    /// Reads the descriptor that the entry holds.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidStore`] if it is not a descriptor.
    pub(in crate::store) fn descriptor(&self) -> Result<Descriptor> {
        let invalid = || {
            let text = String::from_utf8_lossy(self.raw).chars().take(200).collect::<String>();
            let message = format!("an entry of index.json is not a descriptor: {text}");
            Error::new(ErrorKind::InvalidStore, message)
                .with_help(Remedy::RepairStore.help("{} removes it, and with it its tag"))
        };
        let value = json::parse(self.raw).map_err(|_| invalid())?;
        let digest = Digest::read(self.digest).ok_or_else(invalid)?;
        let (mut media_type, mut size) = (None, None);
        let (mut annotations, mut artifact_type, mut platform) = (None, None, None);
        for member in value.members() {
            let value = member.value;
            match &*member.key {
                "mediaType" => media_type = value.as_str(),
                "size" => size = value.as_integer().and_then(|size| u64::try_from(size).ok()),
                "annotations" => annotations = Some(value),
                "artifactType" => artifact_type = value.as_str(),
                "platform" => platform = serde_json::from_slice(value.raw()).ok(),
                _ => (),
            }
        }
        let media_type = media_type.unwrap_or_default();
        let mut descriptor = Descriptor::new(media_type, size.ok_or_else(invalid)?, digest);
        let texts = annotations.into_iter().flat_map(json::Value::members);
        let texts = texts.filter_map(|one| Some((one.key.into_owned(), one.value.as_string()?)));
        descriptor.annotations = texts.collect();
        descriptor.artifact_type = artifact_type.map(|text| text.into_owned());
        descriptor.platform = platform;
        Ok(descriptor)
    }
}
