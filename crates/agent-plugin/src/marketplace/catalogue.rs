// SPDX-License-Identifier: Apache-2.0
//! A whole catalogue (S-92, S-98, S-101).

use oci_artifact::{Diagnostic, Error, ErrorKind, Result};
use serde::Serialize;

use super::entry::{Author, Entry};
use super::name;

/// A catalogue of plugins, as `marketplace.json` has it. Its JSON is the same whatever the order in
/// which its plugins were named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Catalogue {
    /// The name of the catalogue.
    pub name: String,
    /// The description of the catalogue, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The owner of the catalogue.
    pub owner: Owner,
    /// The plugins, sorted by name.
    pub plugins: Vec<Entry>,
}

/// The owner of a catalogue, whose name is not empty.
pub type Owner = Author;

impl Catalogue {
    /// Creates a catalogue of these plugins.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] if its name or its owner's is none that hosts take, or two
    /// plugins have one name, also if only the case of letters tells them apart, since their
    /// directories would be one on some systems.
    pub fn new(name: &str, owner: Owner, mut plugins: Vec<Entry>) -> Result<Self> {
        name::check(name)?;
        if owner.name.trim().is_empty() {
            let message = "the owner of the catalogue has no name";
            return Err(Error::new(ErrorKind::InvalidOption, message)
                .with_help("name a person or an organisation"));
        }
        plugins.sort_by(|a, b| a.name.cmp(&b.name));
        let mut names: Vec<String> =
            plugins.iter().map(|plugin| plugin.name.to_ascii_lowercase()).collect();
        names.sort_unstable();
        let twice = names.windows(2).find_map(|pair| match pair {
            [a, b] if a == b => Some(a.clone()),
            _ => None,
        });
        if let Some(twice) = twice {
            let message = format!("two plugins of the catalogue are called {twice:?}");
            return Err(Error::new(ErrorKind::InvalidOption, message)
                .with_help("remove one of them, or make two catalogues"));
        }
        Ok(Self { name: name.to_owned(), description: None, owner, plugins })
    }

    /// Warnings of what hosts accept, and people will miss.
    pub fn warnings(&self) -> Vec<Diagnostic> {
        let mut warnings = Vec::new();
        for plugin in &self.plugins {
            let mut warn = |rule, what: &str, help: &str| {
                let message = format!("the plugin {:?} {what}", plugin.name);
                warnings.push(Diagnostic::new(message).with_rule(rule).with_help(help));
            };
            if plugin.description.is_none() {
                let help = "say in its manifest what it is for";
                warn("missing-description", "has no description, so the list shows none", help);
            }
            if plugin.version.is_none() {
                let help = "give its manifest a version";
                warn("missing-version", "has no version, so hosts cannot tell updates", help);
            }
            if crate::check::name::is_reserved(&plugin.name) {
                let help = "begin its name with a word of your own";
                warn("name-reserved", "has a name that hosts reserve for their vendor", help);
            }
        }
        warnings
    }

    /// Returns the file: two-space indent, a line end at the end (S-98).
    pub fn to_json(&self) -> String {
        // Structs, lists and texts: nothing that could fail.
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str) -> Entry {
        let manifest = format!("{{\"name\": {name:?}, \"version\": \"1\"}}");
        Entry::from_manifest(manifest.as_bytes()).expect("is one")
    }

    fn owner() -> Owner {
        Owner { name: "Someone".into(), ..Owner::default() }
    }

    #[test]
    fn the_file_is_the_same_in_any_order_s_98() {
        let one = Catalogue::new("c", owner(), vec![entry("b"), entry("a")]).expect("is one");
        let other = Catalogue::new("c", owner(), vec![entry("a"), entry("b")]).expect("is one");
        assert_eq!(one.to_json(), other.to_json());
        assert_eq!(
            one.to_json(),
            "{\n  \"name\": \"c\",\n  \"owner\": {\n    \"name\": \"Someone\"\n  },\n  \"plugins\": [\n    \
             {\n      \"name\": \"a\",\n      \"version\": \"1\",\n      \"source\": \"./plugins/a\"\n    \
             },\n    {\n      \"name\": \"b\",\n      \"version\": \"1\",\n      \"source\": \
             \"./plugins/b\"\n    }\n  ]\n}\n"
        );
    }

    #[test]
    fn unique_names_and_what_people_miss_s_101() {
        let twice = Catalogue::new("c", owner(), vec![entry("a"), entry("A")]);
        assert_eq!(twice.expect_err("twice").kind(), ErrorKind::InvalidOption);
        let nobody = Catalogue::new("c", Owner::default(), Vec::new());
        assert_eq!(nobody.expect_err("nobody").kind(), ErrorKind::InvalidOption);
        assert!(Catalogue::new("npm", owner(), Vec::new()).is_err());
        let catalogue = Catalogue::new("c", owner(), vec![entry("claude-x")]).expect("is one");
        let rules: Vec<_> = catalogue.warnings().iter().filter_map(|w| w.rule).collect();
        assert_eq!(rules, ["missing-description", "name-reserved"]);
    }
}
