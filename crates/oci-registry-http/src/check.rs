// SPDX-License-Identifier: Apache-2.0
//! Whether a registry accepts who we say that we are: the question of `login`.

use oci_artifact::reference::{Defaults, RepositoryName};
use reqwest::Method;

use crate::answer::Answer;
use crate::auth::credential::check_registry;
use crate::auth::scope::{Access, Scopes};
use crate::client::Client;
use crate::error::Result;
use crate::repository::{Call, Credentials, Repository};

/// The digest that nothing has, for a request that changes nothing even if it is allowed.
const NOBODYS: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// A registry's answer about our credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checked {
    /// The registry asked for credentials, and accepted these.
    Accepted,
    /// The registry asked for no credentials in any way that is known: whether these are right is
    /// unknown.
    Unasked,
}

impl Client {
    /// Asks a registry (a host, perhaps with a port) whether it accepts our credentials.
    /// Where its `/v2/` is open to everybody, it is asked for what is not: its catalogue, and the
    /// deletion of what does not exist.
    ///
    /// # Errors
    /// An [auth](crate::Error::is_auth) error where it does not;
    /// [`ErrorKind::InvalidOption`](crate::ErrorKind::InvalidOption) if `registry` is not one.
    pub async fn check_auth(&self, registry: &str) -> Result<Checked> {
        check_registry(registry)?;
        let name = RepositoryName::parse(&format!("{registry}/any"), Defaults::Strict)?;
        Repository::new(self.clone(), &name)?.check_auth().await
    }
}

impl Repository {
    /// Asks the registry whether it accepts us, as [`Client::check_auth`] does.
    ///
    /// # Errors
    /// An [auth](crate::Error::is_auth) error where it does not.
    pub async fn check_auth(&self) -> Result<Checked> {
        let base = || {
            let mut call = self.call(Method::GET, self.root_url(), Access::Pull);
            call.scopes = Scopes::default();
            call
        };
        let answer = self.send(&base()).await?;
        if !matches!(answer.status(), 200..=299) {
            return Err(answer.refused("the registry").await);
        }
        if answer.used.is_some() {
            return Ok(Checked::Accepted);
        }
        // It is open. Some who do not ask refuse what is wrong all the same.
        let call = Call { credentials: Credentials::AtOnce, ..base() };
        let answer = self.send(&call).await?;
        if is_verdict(&answer) {
            return judge(answer).await;
        }
        let mut catalogue = base();
        catalogue.request.url.set_path("/v2/_catalog");
        catalogue.request.url.set_query(Some("n=1"));
        let nothing = self.url(&["manifests", NOBODYS]);
        for call in [catalogue, self.call(Method::DELETE, nothing, Access::Delete)] {
            let answer = self.send(&call).await?;
            if answer.used.is_some() {
                return judge(answer).await;
            }
        }
        Ok(Checked::Unasked)
    }
}

/// Whether an answer to a password that nobody asked for says something about it.
fn is_verdict(answer: &Answer) -> bool {
    answer.status() == 401 || answer.used.as_ref().is_some_and(|used| used.is_bearer())
}

/// Judges what the answer to credentials says about them. A user who got a token is known, whatever it is good for; a
/// password that is refused is wrong; one that is not may be for something else.
async fn judge(answer: Answer) -> Result<Checked> {
    let has_token = answer.used.as_ref().is_some_and(|used| used.is_bearer());
    match answer.status() {
        401 if !has_token => Err(answer.refused("the registry").await),
        _ => Ok(Checked::Accepted),
    }
}
