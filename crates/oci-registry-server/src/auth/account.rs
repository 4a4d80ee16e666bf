// SPDX-License-Identifier: Apache-2.0
//! Users, their passwords, and what they may do.

use std::collections::BTreeMap;
use std::fmt;

use oci_artifact::{Error, ErrorKind, Result};

use super::Action;
use super::password::Password;

/// The rights of an account, in every repository.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rights {
    /// No rights.
    #[default]
    None,
    /// The right to read.
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

/// Known users, and the rights of everybody else. Passwords are kept as hashes only.
///
/// ```
/// use oci_registry_server::{Accounts, Rights};
///
/// # fn main() -> oci_artifact::Result<()> {
/// let hash = "$2y$05$c4WoMPo3SXsafkva.HHa6uhMj7bkBln4axkIOSUfZ3EB6v1H/xxqG";
/// let accounts = Accounts::new()
///     .user("ci", "secret", Rights::All)?
///     .user_with_hash("alice", hash, Rights::Pull)?
///     .anonymous(Rights::Pull);
/// assert!(!format!("{accounts:?}").contains("secret"));
/// assert!(accounts.user("ci", "another", Rights::All).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Accounts {
    users: BTreeMap<String, Account>,
    anonymous: Rights,
}

/// One user and their password.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) password: Password,
    pub(super) rights: Rights,
}

impl Accounts {
    /// Creates an empty list: nobody may do anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a user with that password.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] for an empty password, and for a name that is empty, is known
    /// already, or has a colon or a control character in it (SV-14).
    pub fn user(self, name: impl Into<String>, password: &str, rights: Rights) -> Result<Self> {
        self.with(name.into(), Password::plain(password)?, rights)
    }

    /// Adds a user with a bcrypt hash of the password, as `htpasswd -B` writes it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidOption`] for what is no bcrypt hash or one of a cost above 15; else as of
    /// [`user`](Self::user).
    pub fn user_with_hash(
        self,
        name: impl Into<String>,
        hash: &str,
        rights: Rights,
    ) -> Result<Self> {
        self.with(name.into(), Password::bcrypt(hash)?, rights)
    }

    fn with(mut self, name: String, password: Password, rights: Rights) -> Result<Self> {
        let refused = |what: &str, help: &str| {
            Err(Error::new(ErrorKind::InvalidOption, what).with_help(help))
        };
        if name.is_empty() {
            return refused("an account has no name", "write name:password");
        }
        if name.contains(|c: char| c == ':' || c.is_control()) {
            return refused(
                "the name of an account contains a colon or a control character",
                "Basic authentication cannot transmit such a name: choose another one",
            );
        }
        if self.users.contains_key(&name) {
            let what = format!("there is an account {name:?} already");
            return refused(&what, "remove one of the two");
        }
        self.users.insert(name, Account { password, rights });
        Ok(self)
    }

    /// Sets the rights of everybody who is not known.
    #[must_use]
    pub fn anonymous(mut self, rights: Rights) -> Self {
        self.anonymous = rights;
        self
    }

    pub(super) fn get(&self, user: &str) -> Option<&Account> {
        self.users.get(user)
    }

    /// Returns the highest cost of a bcrypt hash here; `None` without one.
    pub(super) fn highest_cost(&self) -> Option<u32> {
        self.users.values().filter_map(|account| account.password.cost()).max()
    }

    pub(super) fn of_anonymous(&self) -> Rights {
        self.anonymous
    }
}

impl fmt::Debug for Accounts {
    /// Shows the names only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let users: Vec<&str> = self.users.keys().map(String::as_str).collect();
        f.debug_struct("Accounts")
            .field("users", &users)
            .field("anonymous", &self.anonymous)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_without_name_or_password_and_names_twice_are_refused_sv_14() {
        let hash = "$2y$05$c4WoMPo3SXsafkva.HHa6uhMj7bkBln4axkIOSUfZ3EB6v1H/xxqG";
        let accounts = || Accounts::new().user("ci", "canary", Rights::All).expect("fine");
        for (name, password) in
            [("", "canary"), ("alice", ""), ("ci", "canary"), ("a:b", "canary"), ("a\nb", "canary")]
        {
            let error = accounts().user(name, password, Rights::Pull).expect_err(name);
            assert_eq!(error.kind(), ErrorKind::InvalidOption);
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
        for name in ["", "ci", "a:b"] {
            assert!(accounts().user_with_hash(name, hash, Rights::Pull).is_err(), "{name}");
        }
        assert!(accounts().user_with_hash("alice", hash, Rights::Pull).is_ok());
    }

    #[test]
    fn hashes_that_cannot_be_checked_are_refused_and_not_taken_for_passwords_sv_15() {
        let tail = "c4WoMPo3SXsafkva.HHa6uhMj7bkBln4axkIOSUfZ3EB6v1H/xxqG";
        let known = ["2a", "2b", "2y"].map(|version| format!("${version}$05${tail}"));
        for hash in known {
            assert!(Accounts::new().user_with_hash("a", &hash, Rights::All).is_ok(), "{hash}");
        }
        let foreign = [
            format!("$2x$05${tail}"),
            format!("$2y$16${tail}"),
            format!("$2y$31${tail}"),
            format!("$2y$03${tail}"),
            format!("$2y$xx${tail}"),
            format!("$2y$05${}", &tail[1..]),
            "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/".to_owned(),
            "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=".to_owned(),
            "$6$salt$hash".to_owned(),
            String::new(),
        ];
        for hash in foreign {
            let error = Accounts::new().user_with_hash("a", &hash, Rights::All).expect_err(&hash);
            assert_eq!(error.kind(), ErrorKind::InvalidOption);
            assert!(hash.is_empty() || !format!("{error:?}").contains(&hash), "{error:?}");
        }
    }
}
