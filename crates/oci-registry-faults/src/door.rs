// SPDX-License-Identifier: Apache-2.0
//! Faults of connections, before a request comes.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::script::{Faults, lock};

/// The fate of a connection.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Door {
    /// The connection is served after that time.
    Delay(Duration),
    /// The connection is reset.
    Reset,
    /// The connection is closed.
    Close,
    /// The connection is never read or written.
    Hang,
    /// The connection gets these bytes once it has sent something, and then ends: an HTTP response
    /// on a TLS port, a TLS alert.
    Raw(Bytes),
}

impl Faults {
    /// Lets a connection in, or not. Of several doors the last one that was added counts.
    pub(crate) async fn open_door(&self, mut stream: TcpStream) -> Option<TcpStream> {
        let number = self.opened.fetch_add(1, Relaxed).saturating_add(1);
        let door = {
            let doors = lock(&self.doors);
            let door = doors.iter().rev().find(|(times, _)| times.include(number));
            door.map(|(_, door)| door.clone())
        };
        match door {
            None => return Some(stream),
            Some(Door::Delay(time)) => {
                tokio::time::sleep(time).await;
                return Some(stream);
            }
            Some(Door::Reset) => {
                let _ = stream.set_zero_linger();
            }
            Some(Door::Close) => {}
            Some(Door::Hang) => std::future::pending().await,
            Some(Door::Raw(bytes)) => {
                let mut first = [0; 1024];
                // The client may do what it likes.
                let _ = stream.read(&mut first).await;
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
            }
        }
        None
    }
}
