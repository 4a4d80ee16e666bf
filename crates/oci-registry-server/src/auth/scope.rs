// SPDX-License-Identifier: Apache-2.0
//! Scopes of tokens: `repository:<name>:pull,push`.

use super::Rights;

/// What can be done to a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Action {
    Pull,
    Push,
    Delete,
}

impl Action {
    const ALL: [Self; 3] = [Self::Pull, Self::Push, Self::Delete];

    fn as_str(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "push",
            Self::Delete => "delete",
        }
    }

    /// What a challenge asks for: who pushes reads, too.
    pub(super) fn as_scope(self) -> &'static str {
        match self {
            Self::Push => "pull,push",
            other => other.as_str(),
        }
    }
}

/// What a token is good for.
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
        Some(Self { name: name.to_owned(), kind, actions })
    }

    /// As much of it as somebody with these rights gets; `None` if that is nothing.
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
        for bad in ["", "repository", "repository:a", "plugin:a:pull"] {
            assert_eq!(Scope::parse(bad), None);
        }
    }
}
