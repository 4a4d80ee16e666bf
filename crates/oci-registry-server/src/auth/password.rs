// SPDX-License-Identifier: Apache-2.0
//! Passwords: how they are kept, and how one that is shown is checked (SV-16). A wrong one takes the same work for
//! known and unknown users; a right one is remembered, so that the requests of one client do not pay for a bcrypt
//! each.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bcrypt::HashParts;
use oci_artifact::{Error, ErrorKind};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::account::{Accounts, Rights};
use super::hmac::{Key, Mac, is_same};
use crate::lock;
use crate::refusal::Refusal;
use crate::storage::blocking;

/// The highest cost of a bcrypt hash: at this one, a check takes some seconds.
const MAX_COST: u32 = 15;
/// The most bcrypt checks at a time; more wait. They must not take all threads and processors.
const CHECKS: usize = 2;

/// A password as it is kept.
#[derive(Clone)]
pub(super) enum Password {
    /// The SHA-256 of one that was given as it is. The file that it came from has it in plain text.
    Plain([u8; 32]),
    /// A bcrypt hash and its cost.
    Bcrypt(String, u32),
}

impl Password {
    /// # Errors
    /// [`ErrorKind::InvalidOption`] for an empty one.
    pub(super) fn plain(password: &str) -> Result<Self, Error> {
        if password.is_empty() {
            return Err(Error::new(ErrorKind::InvalidOption, "an account has no password")
                .with_help("write name:password"));
        }
        Ok(Self::Plain(hash(password)))
    }

    /// # Errors
    /// [`ErrorKind::InvalidOption`] for what is no bcrypt hash, or one of too high a cost. The hash
    /// is not in it.
    pub(super) fn bcrypt(hash: &str) -> Result<Self, Error> {
        let refused = |what: &str| {
            Err(Error::new(ErrorKind::InvalidOption, what)
                .with_help("make a hash with: htpasswd -nB NAME"))
        };
        // 2x is of a version that computed other hashes than bcrypt's.
        let is_known = ["$2a$", "$2b$", "$2y$"].iter().any(|prefix| hash.starts_with(prefix));
        let Some(parts) = hash.parse::<HashParts>().ok().filter(|_| is_known) else {
            return refused("the password of an account is a hash other than bcrypt");
        };
        match parts.get_cost() {
            cost @ 4..=MAX_COST => Ok(Self::Bcrypt(hash.to_owned(), cost)),
            _ => refused("the cost of a bcrypt hash is not between 4 and 15"),
        }
    }

    pub(super) fn cost(&self) -> Option<u32> {
        match self {
            Self::Plain(_) => None,
            Self::Bcrypt(_, cost) => Some(*cost),
        }
    }
}

/// Checks passwords against their hashes.
pub(super) struct Verifier {
    key: Key,
    /// The signature of the last right password of each user.
    proven: Mutex<BTreeMap<String, Mac>>,
    checks: Arc<Semaphore>,
}

impl Verifier {
    /// # Errors
    /// [`ErrorKind::Io`] if the system gives no random numbers.
    pub(super) fn new() -> Result<Self, Error> {
        let checks = Arc::new(Semaphore::new(CHECKS));
        Ok(Self { key: Key::random()?, proven: Mutex::default(), checks })
    }

    /// Returns the rights of a user with that password; `None` if there is no such user or it is
    /// wrong.
    ///
    /// # Errors
    /// If the check could not be made.
    pub(super) async fn check(
        &self,
        accounts: &Accounts,
        user: &str,
        password: &str,
    ) -> Result<Option<Rights>, Refusal> {
        if password.is_empty() {
            // Nobody has such a one, whatever a hash says.
            return Ok(None);
        }
        let account = accounts.get(user);
        let rights = account.map(|account| account.rights);
        // Hashed for users who are not known, too.
        let given = hash(password);
        let mac = self.key.sign(password.as_bytes());
        let proven = lock(&self.proven).get(user).copied();
        if proven.is_some_and(|proven| proven.is(mac.as_bytes())) {
            return Ok(rights);
        }
        let (known, is_plain) = match account.map(|account| &account.password) {
            Some(Password::Plain(known)) => (*known, true),
            _ => ([0; 32], false),
        };
        if is_same(&known, &given) && is_plain {
            return Ok(rights);
        }
        let Some(highest) = accounts.highest_cost() else { return Ok(None) };
        let bcrypt = account.and_then(|account| match &account.password {
            Password::Bcrypt(hash, cost) => Some((hash.clone(), *cost)),
            Password::Plain(_) => None,
        });
        let permit = self.checks.clone().acquire_owned().await;
        let permit = permit.map_err(|error| Refusal::internal(&error))?;
        let password = password.to_owned();
        let is_right = blocking(move || {
            let _permit = permit;
            let Some((hash, cost)) = bcrypt else {
                work(highest);
                return Ok(false);
            };
            let is_right = bcrypt::verify(&password, &hash).unwrap_or_default();
            if !is_right {
                // Each cost is twice the work of the one below: with these it is that of the highest.
                (cost..highest).for_each(work);
            }
            Ok(is_right)
        })
        .await?;
        if !is_right {
            return Ok(None);
        }
        lock(&self.proven).insert(user.to_owned(), mac);
        Ok(rights)
    }
}

/// Spends the time of a check.
fn work(cost: u32) {
    std::hint::black_box(bcrypt::bcrypt(cost, [0; 16], b"nobody\0"));
}

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
