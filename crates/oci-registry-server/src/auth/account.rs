// SPDX-License-Identifier: Apache-2.0
//! Users, their passwords, and what they may do.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest as _, Sha256};

use super::Action;

/// What somebody may do, in every repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rights {
    /// Nothing.
    #[default]
    None,
    /// Read.
    Pull,
    /// Read, write, delete.
    All,
}

impl Rights {
    pub(crate) fn allow(self, action: Action) -> bool {
        match self {
            Self::None => false,
            Self::Pull => action == Action::Pull,
            Self::All => true,
        }
    }
}

/// Who is known, and what those who are not may do. Passwords are kept as hashes only.
///
/// ```
/// use oci_registry_server::{Accounts, Rights};
///
/// let accounts = Accounts::new().user("ci", "secret", Rights::All).anonymous(Rights::Pull);
/// assert!(!format!("{accounts:?}").contains("secret"));
/// ```
#[derive(Clone, Default)]
pub struct Accounts {
    users: BTreeMap<String, (Hash, Rights)>,
    anonymous: Rights,
}

type Hash = [u8; 32];

impl Accounts {
    /// Nobody is known, and nobody may do anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more user.
    #[must_use]
    pub fn user(mut self, name: impl Into<String>, password: &str, rights: Rights) -> Self {
        self.users.insert(name.into(), (hash(password), rights));
        self
    }

    /// The same with these rights for everybody who is not known.
    #[must_use]
    pub fn anonymous(mut self, rights: Rights) -> Self {
        self.anonymous = rights;
        self
    }

    /// The rights of a user with that password; `None` if there is no such user or it is wrong.
    pub(super) fn check(&self, user: &str, password: &str) -> Option<Rights> {
        // Unknown users take as long as wrong passwords.
        let (known, rights) = self.users.get(user).copied().unwrap_or(([0; 32], Rights::None));
        let given = hash(password);
        let difference = known.iter().zip(given).fold(0, |all, (a, b)| all | (a ^ b));
        (difference == 0 && self.users.contains_key(user)).then_some(rights)
    }

    /// The rights of a user whose token says who it is.
    pub(super) fn of_user(&self, user: &str) -> Option<Rights> {
        self.users.get(user).map(|(_, rights)| *rights)
    }

    pub(super) fn of_anonymous(&self) -> Rights {
        self.anonymous
    }
}

fn hash(text: &str) -> Hash {
    Sha256::digest(text.as_bytes()).into()
}

impl fmt::Debug for Accounts {
    /// Names only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let users: Vec<&str> = self.users.keys().map(String::as_str).collect();
        f.debug_struct("Accounts")
            .field("users", &users)
            .field("anonymous", &self.anonymous)
            .finish()
    }
}
