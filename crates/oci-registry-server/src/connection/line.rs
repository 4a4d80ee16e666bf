// SPDX-License-Identifier: Apache-2.0
//! What requests and the connection that they came on have to say to each other. Only scripts of
//! faults end a connection from within a request.

#[cfg(feature = "faults")]
pub(crate) use with_faults::{Broken, Ending, Line};
#[cfg(not(feature = "faults"))]
pub(crate) use without_faults::{Broken, Line};

#[cfg(not(feature = "faults"))]
mod without_faults {
    /// Every request gets a response.
    pub(crate) use std::convert::Infallible as Broken;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    /// Nothing to say.
    #[derive(Default)]
    pub(crate) struct Line;

    impl Line {
        pub(crate) async fn ended(&self) {
            std::future::pending().await
        }

        pub(crate) async fn close(&self) {}

        pub(crate) fn is_reset(&self) -> Arc<AtomicBool> {
            Arc::default()
        }
    }
}

#[cfg(feature = "faults")]
mod with_faults {
    use std::fmt;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex, PoisonError};

    use bytes::Bytes;
    use tokio::io::AsyncWriteExt as _;
    use tokio::sync::Notify;

    use crate::connection::tap::Stream;

    /// A request that gets no response: its HTTP/2 stream is reset.
    #[derive(Debug)]
    pub(crate) struct Broken(h2::Error);

    impl Broken {
        /// A reset with that error code.
        pub(crate) fn stream(code: u32) -> Self {
            Self(h2::Reason::from(code).into())
        }
    }

    impl fmt::Display for Broken {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("no response")
        }
    }

    impl std::error::Error for Broken {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }

    /// How a connection ends before its time.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) enum Ending {
        /// As if the server went away in peace.
        Close,
        /// By a reset.
        Reset,
        /// With these bytes, whatever they are.
        Raw(Bytes),
    }

    /// How the connection is to end, and what is left of it then.
    #[derive(Default)]
    pub(crate) struct Line {
        ending: Mutex<Option<Ending>>,
        is_reset: Arc<AtomicBool>,
        notify: Notify,
        left: Mutex<Option<Box<dyn Stream>>>,
    }

    impl Line {
        /// Ends the connection; who calls this gets no further.
        pub(crate) async fn end<T>(&self, ending: Ending) -> T {
            self.end_soon(ending);
            std::future::pending().await
        }

        /// Ends the connection as soon as it looks.
        pub(crate) fn end_soon(&self, ending: Ending) {
            self.is_reset.store(ending == Ending::Reset, Ordering::Relaxed);
            *self.ending.lock().unwrap_or_else(PoisonError::into_inner) = Some(ending);
            self.notify.notify_one();
        }

        pub(crate) async fn ended(&self) {
            self.notify.notified().await;
        }

        /// Whether the socket is to be closed by a reset: the socket looks when it is dropped.
        pub(crate) fn is_reset(&self) -> Arc<AtomicBool> {
            self.is_reset.clone()
        }

        /// Takes back the stream when HTTP is done with it.
        pub(in crate::connection) fn give_back(&self, stream: Box<dyn Stream>) {
            *self.left.lock().unwrap_or_else(PoisonError::into_inner) = Some(stream);
        }

        /// Says the last bytes, if there are any.
        pub(crate) async fn close(&self) {
            let left = self.left.lock().unwrap_or_else(PoisonError::into_inner).take();
            let ending = self.ending.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if let (Some(mut stream), Some(Ending::Raw(bytes))) = (left, ending) {
                // The client may be gone.
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
            }
        }
    }
}
