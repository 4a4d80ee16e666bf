// SPDX-License-Identifier: Apache-2.0
//! Credentials and helpers' answers, looked for once in a while.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use crate::error::Result;
use crate::transport::gate::lock;
use crate::transport::retry::Clock;

/// The time for which what was found is used without looking again.
const MEMORY: Duration = Duration::from_secs(15 * 60);

/// Things that were found by a pair of names, such as a registry and a repository.
#[derive(Debug)]
pub(crate) struct Memory<T>(Mutex<BTreeMap<(String, String), Place<T>>>);

/// A thing that was found, and until when it is believed; the holder of the lock looks.
type Place<T> = Arc<tokio::sync::Mutex<Option<(T, SystemTime)>>>;

impl<T> Default for Memory<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Memory<T> {
    /// Returns what is remembered, or else what `look` finds; of many who ask at once, one looks.
    ///
    /// # Errors
    /// Those of `look`; nothing is remembered then.
    pub(crate) async fn get(
        &self,
        (one, other): (&str, &str),
        clock: &dyn Clock,
        look: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let key = (one.to_owned(), other.to_owned());
        let place = Arc::clone(lock(&self.0).entry(key).or_default());
        let mut place = place.lock().await;
        let now = clock.now();
        if let Some((found, _)) = place.as_ref().filter(|(_, until)| now < *until) {
            return Ok(found.clone());
        }
        let found = look.await?;
        *place = Some((found.clone(), now + MEMORY));
        Ok(found)
    }
}
