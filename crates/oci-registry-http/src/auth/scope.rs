// SPDX-License-Identifier: Apache-2.0
//! Scopes: what a token allows.

use std::fmt;

/// The rights in a repository that a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Permission to read.
    Pull,
    /// Reading and writing. Both are asked for at once, always.
    PullPush,
    /// Deleting, and nothing else.
    Delete,
}

impl Access {
    fn actions(self) -> &'static [&'static str] {
        match self {
            Self::Pull => &["pull"],
            Self::PullPush => &["pull", "push"],
            Self::Delete => &["delete"],
        }
    }
}

/// A set of scopes, each a resource with actions. The one asked for first stands first: some
/// registries look at no other.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Scopes(Vec<Scope>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Scope {
    /// `repository:org/name`, or `registry:catalog`.
    resource: String,
    /// Sorted, each once.
    actions: Vec<String>,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.resource, self.actions.join(","))
    }
}

impl Scopes {
    /// Returns the scope of one repository.
    pub fn repository(name: &str, access: Access) -> Self {
        let mut scopes = Self::default();
        scopes.add(format!("repository:{name}"), access.actions().iter().copied());
        scopes
    }

    /// Reads scopes as a challenge has them: separated by blanks, each `type:name:action,action`
    /// . A name may have colons; what has no action is left out.
    pub fn parse(text: &str) -> Self {
        const MAX_SCOPES: usize = 32;
        let mut scopes = Self::default();
        for one in text.split_ascii_whitespace().take(MAX_SCOPES) {
            if let Some((resource, actions)) = one.rsplit_once(':') {
                scopes.add(resource.to_owned(), actions.split(','));
            }
        }
        scopes
    }

    /// Adds `other`; a resource in both gets the actions of both.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        for scope in &other.0 {
            self.add(scope.resource.clone(), scope.actions.iter().map(String::as_str));
        }
        self
    }

    fn add<'a>(&mut self, resource: String, actions: impl IntoIterator<Item = &'a str>) {
        let mut actions: Vec<String> =
            actions.into_iter().filter(|a| !a.is_empty()).map(str::to_owned).collect();
        if actions.is_empty() || resource.is_empty() {
            return;
        }
        match self.0.iter_mut().find(|scope| scope.resource == resource) {
            Some(scope) => {
                scope.actions.append(&mut actions);
                normalise(&mut scope.actions);
            }
            None => {
                normalise(&mut actions);
                self.0.push(Scope { resource, actions });
            }
        }
    }

    /// Returns only the first scope, if there are several.
    pub fn first(&self) -> Option<Self> {
        match self.0.as_slice() {
            [first, _, ..] => Some(Self(vec![first.clone()])),
            _ => None,
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a token for these does for `wanted` too.
    pub fn covers(&self, wanted: &Self) -> bool {
        wanted.0.iter().all(|want| {
            self.0.iter().any(|have| {
                have.resource == want.resource
                    && want.actions.iter().all(|action| have.actions.contains(action))
            })
        })
    }

    /// Returns each as a token server reads it.
    pub fn texts(&self) -> impl Iterator<Item = String> + '_ {
        self.0.iter().map(Scope::to_string)
    }
}

fn normalise(actions: &mut Vec<String>) {
    // `pull` before `push` is how everybody writes it, and the order of the alphabet.
    actions.sort_unstable();
    actions.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(scopes: &Scopes) -> Vec<String> {
        scopes.texts().collect()
    }

    #[test]
    fn actions_of_a_repository_are_merged_and_sorted_r_10() {
        let scopes = Scopes::repository("a/b", Access::Pull)
            .and(&Scopes::repository("c", Access::Pull))
            .and(&Scopes::repository("a/b", Access::PullPush));
        assert_eq!(texts(&scopes), ["repository:a/b:pull,push", "repository:c:pull"]);
        assert_eq!(
            scopes.first().map(|s| texts(&s)),
            Some(vec!["repository:a/b:pull,push".into()])
        );
        assert_eq!(Scopes::repository("x", Access::Pull).first(), None);
    }

    #[test]
    fn a_challenge_may_list_several_r_14() {
        let scopes =
            Scopes::parse("repository:a/b:push,pull  repository(plugin):h:5/x:pull bad :x y:");
        assert_eq!(texts(&scopes), ["repository:a/b:pull,push", "repository(plugin):h:5/x:pull"]);
        assert!(Scopes::parse("").is_empty());
    }

    #[test]
    fn more_covers_less_r_15() {
        let pull = Scopes::repository("a", Access::Pull);
        let push = Scopes::repository("a", Access::PullPush);
        let both = push.clone().and(&Scopes::repository("b", Access::Pull));
        assert!(push.covers(&pull) && both.covers(&push) && both.covers(&pull));
        assert!(!pull.covers(&push) && !push.covers(&both));
        assert!(!push.covers(&Scopes::repository("b", Access::Pull)));
        assert!(pull.covers(&Scopes::default()));
    }
}
