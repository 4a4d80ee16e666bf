// SPDX-License-Identifier: Apache-2.0
//! A plugin's entry in a catalogue (S-16, S-17): the second input, which is given beside the files
//! and never looked for.

use oci_artifact::json::{self, Kind, Value};
use oci_artifact::{Error, ErrorKind, Result};

use crate::document;
use crate::limits::Limits;

/// Names that a message lists.
const SHOWN: usize = 10;

/// A plugin's entry in a catalogue, a `marketplace.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueEntry {
    file: String,
    document: Vec<u8>,
    /// The element of `plugins` that it is; `None` if the document is the entry.
    index: Option<usize>,
}

impl CatalogueEntry {
    /// Returns the entry of that name in a catalogue; or all of the document, if that is one entry. `file` is what
    /// the document is called in the result: a name, not a place on this machine.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] beyond [`Limits::config_size`]; [`ErrorKind::InvalidDocument`] for
    /// what is no catalogue and no entry, or has several entries of that name;
    /// [`ErrorKind::NotFound`] if it has none.
    pub fn choose(
        file: impl Into<String>,
        document: impl Into<Vec<u8>>,
        name: &str,
        limits: &Limits,
    ) -> Result<Self> {
        let (file, document) = (file.into(), document.into());
        let index = find(&document, name, limits).map_err(|error| error.at_path(&file))?;
        Ok(Self { file, document, index })
    }

    /// Returns the name of its document.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns the place of the entry in its document (RFC 6901).
    pub(crate) fn pointer(&self) -> String {
        self.index.map(|index| format!("/plugins/{index}")).unwrap_or_default()
    }

    /// Returns the entry, an object.
    pub(crate) fn value(&self) -> Option<Value<'_>> {
        let document = json::parse(document::without_mark(&self.document)).ok()?;
        match self.index {
            None => Some(document),
            Some(index) => document.get("plugins")?.elements().nth(index),
        }
    }
}

fn find(bytes: &[u8], name: &str, limits: &Limits) -> Result<Option<usize>> {
    let invalid = |message: String| Error::new(ErrorKind::InvalidDocument, message);
    if bytes.len() as u64 > limits.config_size {
        let message = format!("the catalogue has more than {} bytes", limits.config_size);
        return Err(Error::new(ErrorKind::TooLarge, message));
    }
    let value = document::parse(bytes, limits).map_err(|fault| invalid(fault.message))?.value;
    let Some(plugins) = value.get("plugins").filter(|plugins| plugins.kind() == Kind::Array) else {
        // The members that every entry has (S-93).
        if value.get("name").is_some() && value.get("source").is_some() {
            return Ok(None);
        }
        return Err(invalid("this is neither a catalogue nor an entry of one".to_owned())
            .with_help("a catalogue has \"plugins\", an entry has \"name\" and \"source\""));
    };
    let names: Vec<Option<String>> =
        plugins.elements().map(|entry| document::text(entry, "name")).collect();
    let mut found = names.iter().enumerate().filter(|(_, other)| other.as_deref() == Some(name));
    match (found.next(), found.next()) {
        (Some((index, _)), None) => Ok(Some(index)),
        (Some(_), Some(_)) => Err(invalid(format!("the catalogue has several entries {name:?}"))
            .with_help("put the right entry into a file of its own")),
        (None, _) => {
            let names: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
            let more = if names.len() > SHOWN { ", …" } else { "" };
            let names = names.get(..SHOWN).unwrap_or(&names).join(", ");
            let message = format!("the catalogue has no entry {name:?}");
            Err(Error::new(ErrorKind::NotFound, message).with_help(format!(
                "it has entries for {names}{more}; one of them may be in a file of its own"
            )))
        }
    }
}
