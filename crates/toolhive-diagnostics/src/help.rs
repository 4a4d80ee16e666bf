// SPDX-License-Identifier: Apache-2.0
//! Advice that libraries give without knowing which program shows it.

use std::borrow::Cow;
use std::fmt;

/// A remedy that a program can apply to a problem. A library names it; the program says how its
/// users ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Remedy {
    /// Repair the store.
    RepairStore,
    /// Remove from the store what nothing needs.
    CollectGarbage,
    /// List what the store has.
    ListBuilds,
    /// Use a store in another directory.
    NameStore,
    /// Replace what is there.
    Force,
}

impl Remedy {
    /// Advice with this remedy: `{}` in `text` is where it is named, as a noun.
    pub fn help(self, text: impl Into<Cow<'static, str>>) -> Help {
        Help { text: text.into(), remedy: Some(self) }
    }

    /// Returns the remedy in words that hold for every program.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RepairStore => "repairing the store",
            Self::CollectGarbage => "collecting garbage",
            Self::ListBuilds => "`builds::list`",
            Self::NameStore => "the option for the store",
            Self::Force => "the option to replace it",
        }
    }
}

/// Advice: a sentence without a full stop, in which a [`Remedy`] may be named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    text: Cow<'static, str>,
    remedy: Option<Remedy>,
}

impl Help {
    /// Returns the remedy that the advice is about.
    pub fn remedy(&self) -> Option<Remedy> {
        self.remedy
    }

    /// Returns the advice, with the remedy as `name` calls it.
    pub fn worded(&self, name: impl FnOnce(Remedy) -> Cow<'static, str>) -> String {
        match self.remedy {
            Some(remedy) => self.text.replacen("{}", &name(remedy), 1),
            None => self.text.to_string(),
        }
    }

    /// Returns the advice behind another one.
    #[must_use]
    pub fn after(self, before: &str) -> Self {
        Self { text: format!("{before}; {}", self.text).into(), remedy: self.remedy }
    }
}

impl From<String> for Help {
    fn from(text: String) -> Self {
        Self { text: text.into(), remedy: None }
    }
}

impl From<&str> for Help {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl fmt::Display for Help {
    /// Returns the advice in words that hold for every program.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.worded(|remedy| remedy.as_str().into()))
    }
}
