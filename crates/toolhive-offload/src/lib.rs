// SPDX-License-Identifier: Apache-2.0
//! Blocking work off the async executor, stopped when nobody waits for it.
//!
//! Packaging reads files and compresses, and the store syncs to disk; neither may run on an
//! executor's own threads. [`run`] moves such work to tokio's blocking pool. Dropping its future
//! cancels the work at its next look at the [`Observer`].
//!
//! ```
//! use oci_artifact::digest;
//!
//! # fn main() -> oci_artifact::Result<()> {
//! # tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(async {
//! let digest = toolhive_offload::run(|_observer| {
//!     Ok::<_, oci_artifact::Error>(digest::sha256(b"a lot of work"))
//! })
//! .await?;
//! assert_eq!(digest, digest::sha256(b"a lot of work"));
//! # Ok(())
//! # })
//! # }
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use oci_artifact::observer::Observer;
use oci_artifact::{Error, ErrorKind};

/// Runs `work` on tokio's blocking pool. Its observer is cancelled once the returned future is
/// dropped; the work then ends on its own and leaves nothing behind, as it does on any error.
///
/// # Errors
/// Those of `work`, in its own type. Where `work` panics, so does this.
///
/// # Panics
/// Outside a tokio runtime.
pub async fn run<T, E, F>(work: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: FnOnce(&dyn Observer) -> Result<T, E> + Send + 'static,
{
    run_watched(Arc::new(()), work).await
}

/// Runs watched work: `observer` receives what the work reports to its own observer, and can also
/// stop it.
///
/// # Errors
/// Those of [`run`].
///
/// # Panics
/// Where [`run`] does.
pub async fn run_watched<T, E, F>(observer: Arc<dyn Observer>, work: F) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: FnOnce(&dyn Observer) -> Result<T, E> + Send + 'static,
{
    let guard = Guard(Arc::default());
    let observer = Abandoned { is_dropped: Arc::clone(&guard.0), observer };
    match tokio::task::spawn_blocking(move || work(&observer)).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Error::new(ErrorKind::Cancelled, "the runtime is shutting down").into()),
        },
    }
}

/// The observer that the work sees: whether anybody still waits for it, and the caller's own observer.
struct Abandoned {
    is_dropped: Arc<AtomicBool>,
    observer: Arc<dyn Observer>,
}

impl Observer for Abandoned {
    fn start(&self, total: u64) {
        self.observer.start(total);
    }

    fn advance(&self, bytes: u64) {
        self.observer.advance(bytes);
    }

    fn is_cancelled(&self) -> bool {
        self.is_dropped.load(Ordering::Relaxed) || self.observer.is_cancelled()
    }
}

/// The state of the future.
struct Guard(Arc<AtomicBool>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    #[tokio::test]
    async fn work_runs_elsewhere_and_returns() {
        let here = std::thread::current().id();
        let there = run(move |_| Ok::<_, Error>(std::thread::current().id()));
        let there = there.await.expect("the work is fine");
        assert_ne!(here, there);
    }

    #[tokio::test]
    async fn the_callers_observer_is_told_and_can_stop_the_work() {
        #[derive(Default)]
        struct Counting(std::sync::atomic::AtomicU64);
        impl Observer for Counting {
            fn advance(&self, bytes: u64) {
                self.0.fetch_add(bytes, Ordering::Relaxed);
            }
            fn is_cancelled(&self) -> bool {
                self.0.load(Ordering::Relaxed) >= 7
            }
        }
        let counting = Arc::new(Counting::default());
        let work = |observer: &dyn Observer| {
            observer.start(9);
            while !observer.is_cancelled() {
                observer.advance(1);
            }
            Ok::<_, Error>(())
        };
        run_watched(counting.clone(), work).await.expect("the work ends");
        assert_eq!(counting.0.load(Ordering::Relaxed), 7);
    }

    #[tokio::test]
    async fn dropping_the_future_cancels_the_work() {
        let (started, has_started) = mpsc::channel();
        let (ended, has_ended) = mpsc::channel();
        let work = run(move |observer| {
            started.send(()).expect("the test listens");
            while !observer.is_cancelled() {
                std::thread::sleep(Duration::from_millis(1));
            }
            ended.send(()).expect("the test listens");
            Ok::<_, Error>(())
        });
        tokio::time::timeout(Duration::from_millis(50), work)
            .await
            .expect_err("it goes on for ever");
        has_started.recv_timeout(Duration::from_secs(30)).expect("it started");
        has_ended.recv_timeout(Duration::from_secs(30)).expect("it ended");
    }
}
