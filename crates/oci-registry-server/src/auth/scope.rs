// SPDX-License-Identifier: Apache-2.0
//! Scopes of tokens: `repository:<name>:pull,push`.

use std::fmt;

use super::Rights;
use crate::name::Repository;
use crate::refusal::{Code, Refusal};

/// The most scopes that can be asked for at once (SV-12).
pub(super) const MAX_SCOPES: usize = 32;

oci_artifact::worded! {
    /// An action on a repository.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub(crate) enum Action {
        Pull = "pull",
        Push = "push",
        Delete = "delete",
    }
}

impl Action {
    const ALL: [Self; 3] = [Self::Pull, Self::Push, Self::Delete];

    /// Returns the actions that a challenge asks for: who pushes reads, too.
    pub(super) fn as_scope(self) -> &'static str {
        match self {
            Self::Push => "pull,push",
            other => other.as_str(),
        }
    }
}

/// The scopes of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope {
    name: String,
    kind: Kind,
    actions: Vec<Action>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Repository,
    Catalog,
}

impl Scope {
    /// Reads one scope; `None` if it means nothing here.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        let (name, actions) = rest.rsplit_once(':')?;
        let kind = match (kind, name) {
            ("repository", _) => Kind::Repository,
            ("registry", "catalog") => Kind::Catalog,
            _ => return None,
        };
        let is_asked = |action: &Action| {
            actions.split(',').any(|asked| asked == "*" || asked == action.as_str())
        };
        let actions = Action::ALL.into_iter().filter(is_asked).collect();
        let is_name = kind == Kind::Catalog || Repository::parse(name).is_ok();
        is_name.then(|| Self { name: name.to_owned(), kind, actions })
    }

    /// Reads the scopes that a token is asked for with; those that mean nothing here are passed
    /// over, and two of one name are one.
    ///
    /// # Errors
    /// Status 400 for more than [`MAX_SCOPES`].
    pub(super) fn parse_all<'a>(
        texts: impl Iterator<Item = &'a str>,
    ) -> Result<Vec<Self>, Refusal> {
        let mut scopes: Vec<Self> = Vec::new();
        let texts = texts.flat_map(|text| text.split(' ')).filter(|text| !text.is_empty());
        for (number, text) in texts.enumerate() {
            if number >= MAX_SCOPES {
                let message = format!("more than {MAX_SCOPES} scopes are requested at once");
                return Err(Refusal::new(Code::Unsupported, message)
                    .with_status(hyper::StatusCode::BAD_REQUEST));
            }
            let Some(scope) = Self::parse(text) else { continue };
            let is_same = |known: &&mut Self| known.kind == scope.kind && known.name == scope.name;
            match scopes.iter_mut().find(is_same) {
                Some(known) => {
                    known.actions.extend(scope.actions);
                    known.actions.sort_unstable();
                    known.actions.dedup();
                }
                None => scopes.push(scope),
            }
        }
        Ok(scopes)
    }

    /// Reduces the scope to those rights; `None` if nothing remains.
    pub(super) fn limited_to(mut self, rights: Rights) -> Option<Self> {
        self.actions.retain(|action| rights.allow(*action));
        (!self.actions.is_empty()).then_some(self)
    }

    pub(super) fn covers(&self, action: Action, repository: &str) -> bool {
        self.kind == Kind::Repository && self.name == repository && self.actions.contains(&action)
    }

    pub(super) fn is_catalog(&self) -> bool {
        self.kind == Kind::Catalog
    }
}

impl fmt::Display for Scope {
    /// Writes the scope as it is requested.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Repository => "repository",
            Kind::Catalog => "registry",
        };
        let actions: Vec<&str> = self.actions.iter().map(|action| action.as_str()).collect();
        write!(f, "{kind}:{}:{}", self.name, actions.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_hold_what_was_asked_for_and_no_more() {
        let scope = Scope::parse("repository:a/b:pull,push,fly").expect("is one");
        assert!(scope.covers(Action::Push, "a/b"));
        assert!(!scope.covers(Action::Delete, "a/b"));
        assert!(!scope.covers(Action::Pull, "a"));
        let scope = scope.limited_to(Rights::Pull).expect("something is left");
        assert!(!scope.covers(Action::Push, "a/b"));
        assert!(Scope::parse("repository:a:*").expect("is one").covers(Action::Delete, "a"));
        assert!(Scope::parse("registry:catalog:*").expect("is one").is_catalog());
        for bad in ["", "repository", "repository:a", "plugin:a:pull", "repository:A:pull"] {
            assert_eq!(Scope::parse(bad), None);
        }
    }

    #[test]
    fn scopes_are_read_as_they_are_written_and_each_repository_is_named_once_sv_12() {
        let asked = ["repository:a:push  repository:b/c:pull x", "repository:a:pull", ""];
        let scopes = Scope::parse_all(asked.into_iter()).expect("few");
        let texts: Vec<String> = scopes.iter().map(Scope::to_string).collect();
        assert_eq!(texts, ["repository:a:pull,push", "repository:b/c:pull"]);
        let again: Vec<Scope> = texts.iter().filter_map(|text| Scope::parse(text)).collect();
        assert_eq!(again, scopes);
    }

    #[test]
    fn more_than_32_scopes_are_refused_however_they_are_written_sv_12() {
        let scopes = |count: usize| vec!["repository:a:pull"; count];
        assert!(Scope::parse_all(scopes(32).into_iter()).is_ok());
        assert!(Scope::parse_all(scopes(33).into_iter()).is_err());
        assert!(Scope::parse_all([scopes(33).join(" ").as_str()].into_iter()).is_err());
        assert!(Scope::parse_all(["x"; 2_500].into_iter()).is_err());
    }
}
