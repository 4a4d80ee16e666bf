// SPDX-License-Identifier: Apache-2.0
//! A forward proxy on loopback: tunnels (`CONNECT`) and plain requests with a whole URL.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use oci_artifact::{Error, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::script::lock;

/// The most bytes of a request's head.
const MAX_HEAD: usize = 16 << 10;

/// A proxy that runs until it is dropped. Names are looked up by the system; it leads to loopback
/// addresses only.
#[derive(Debug)]
pub struct Proxy {
    addr: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts a proxy; with a credential (`user:password`), it refuses those who do not show it
    /// with 407.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](oci_artifact::ErrorKind::Io) if it cannot listen.
    pub async fn start(credential: Option<&str>) -> Result<Self> {
        use base64::Engine as _;
        let failed = |error: std::io::Error| {
            Error::new(oci_artifact::ErrorKind::Io, "the proxy cannot listen").caused_by(error)
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let expected = credential.map(|text| {
            format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text))
        });
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let seen = heads.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, expected) = (seen.clone(), expected.clone());
                // A connection that fails concerns its client.
                tokio::spawn(async move { lead(stream, &seen, expected.as_deref()).await.ok() });
            }
        });
        Ok(Self { addr, heads, task })
    }

    /// Returns its address as a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Returns the heads of the requests that it got, as they came.
    pub fn heads(&self) -> Vec<String> {
        lock(&self.heads).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn lead(
    mut client: TcpStream,
    seen: &Mutex<Vec<String>>,
    expected: Option<&str>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() >= MAX_HEAD {
            return client.write_all(b"HTTP/1.1 431 \r\n\r\n").await;
        }
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    lock(seen).push(head.clone());
    let shown = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("proxy-authorization").then(|| value.trim())
    });
    if expected.is_some() && shown != expected {
        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\n\
                       proxy-authenticate: Basic realm=\"proxy\"\r\ncontent-length: 0\r\n\r\n";
        return client.write_all(refusal.as_bytes()).await;
    }
    let mut words = head.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let host = match method {
        "CONNECT" => target,
        _ => {
            target.strip_prefix("http://").unwrap_or_default().split('/').next().unwrap_or_default()
        }
    };
    let Some(mut server) = connect(host).await else {
        return client.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
    };
    if method == "CONNECT" {
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    } else {
        let origin_form = head.replacen(&format!("http://{host}"), "", 1);
        server.write_all(origin_form.as_bytes()).await?;
    }
    copy_bidirectional(&mut client, &mut server).await.map(|_| ())
}

/// Returns a connection to a server on this machine.
async fn connect(host: &str) -> Option<TcpStream> {
    let host = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let addrs = tokio::net::lookup_host(host).await.ok()?;
    for addr in addrs.filter(|addr| addr.ip().is_loopback()) {
        if let Ok(stream) = TcpStream::connect(addr).await {
            return Some(stream);
        }
    }
    None
}
