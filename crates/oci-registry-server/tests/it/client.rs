// SPDX-License-Identifier: Apache-2.0
//! The smallest HTTP client that can make the mistakes that tests need, and shorthands for what
//! every push needs.

use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use oci_artifact::digest;
use tempfile::TempDir;

use crate::{Builder, Running, Server};

pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A registry, its store, and the runtime that it runs on.
pub(crate) struct Fixture {
    pub(crate) dir: TempDir,
    pub(crate) runtime: tokio::runtime::Runtime,
    server: Option<Running>,
}

pub(crate) fn start() -> Fixture {
    start_with(|builder| builder)
}

pub(crate) fn start_with(set: impl FnOnce(Builder) -> Builder) -> Fixture {
    start_in(tempfile::tempdir().expect("there is room"), set)
}

pub(crate) fn start_in(dir: TempDir, set: impl FnOnce(Builder) -> Builder) -> Fixture {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    let builder = set(Server::builder().store(dir.path()));
    let server = Some(runtime.block_on(builder.start()).expect("the server starts"));
    Fixture { dir, runtime, server }
}

impl Fixture {
    pub(crate) fn server(&self) -> &Running {
        self.server.as_ref().expect("it runs")
    }

    /// Stops it; the store is left.
    pub(crate) fn stop(mut self) -> TempDir {
        let server = self.server.take().expect("it runs");
        self.runtime.block_on(server.shutdown());
        self.dir
    }

    pub(crate) fn connect(&self) -> Connection {
        Connection::to(self.server().addr())
    }

    /// Sends one request on a connection of its own.
    pub(crate) fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        self.connect().send(method, target, headers, body).expect("it answers")
    }

    pub(crate) fn get(&self, target: &str) -> Answer {
        self.send("GET", target, &[], b"")
    }

    pub(crate) fn head(&self, target: &str) -> Answer {
        self.send("HEAD", target, &[], b"")
    }

    pub(crate) fn delete(&self, target: &str) -> Answer {
        self.send("DELETE", target, &[], b"")
    }

    /// Begins an upload; its location.
    pub(crate) fn begin(&self, repository: &str) -> String {
        let answer = self.send("POST", &format!("/v2/{repository}/blobs/uploads/"), &[], b"");
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.header("location").expect("a location").to_owned()
    }

    /// Pushes a blob with POST and PUT; its digest.
    pub(crate) fn push_blob(&self, repository: &str, bytes: &[u8]) -> String {
        let digest = digest::sha256(bytes).to_string();
        let location = self.begin(repository);
        let separator = if location.contains('?') { '&' } else { '?' };
        let target = format!("{location}{separator}digest={digest}");
        let answer = self.send("PUT", &target, &[], bytes);
        assert_eq!(answer.status, 201, "{answer:?}");
        digest
    }

    pub(crate) fn put_manifest(&self, repository: &str, reference: &str, bytes: &[u8]) -> Answer {
        let is_index = bytes.windows(11).any(|window| window == b"\"manifests\"");
        let media_type = if is_index { INDEX } else { MANIFEST };
        let target = format!("/v2/{repository}/manifests/{reference}");
        self.send("PUT", &target, &[("content-type", media_type)], bytes)
    }

    /// Pushes an image of one small layer; its manifest and that one's digest.
    pub(crate) fn push_image(
        &self,
        repository: &str,
        tag: &str,
        layer: &[u8],
    ) -> (Vec<u8>, String) {
        let manifest = image(b"{}", layer, "");
        self.push_blob(repository, b"{}");
        self.push_blob(repository, layer);
        let answer = self.put_manifest(repository, tag, &manifest);
        assert_eq!(answer.status, 201, "{answer:?}");
        let digest = digest::sha256(&manifest).to_string();
        (manifest, digest)
    }
}

/// A manifest of one layer; `more` is put in, with a comma before it.
pub(crate) fn image(config: &[u8], layer: &[u8], more: &str) -> Vec<u8> {
    let config = descriptor("application/vnd.oci.image.config.v1+json", config);
    let layer = descriptor("application/vnd.oci.image.layer.v1.tar", layer);
    let text = format!(
        "{{\"schemaVersion\":2,\"mediaType\":\"{MANIFEST}\",\"config\":{config},\"layers\":[{layer}]{more}}}"
    );
    text.into_bytes()
}

pub(crate) fn index(manifests: &[&[u8]], more: &str) -> Vec<u8> {
    let entries: Vec<String> = manifests.iter().map(|bytes| descriptor(MANIFEST, bytes)).collect();
    let entries = entries.join(",");
    format!("{{\"schemaVersion\":2,\"mediaType\":\"{INDEX}\",\"manifests\":[{entries}]{more}}}")
        .into_bytes()
}

pub(crate) fn descriptor(media_type: &str, bytes: &[u8]) -> String {
    let (digest, size) = (digest::sha256(bytes), bytes.len());
    format!("{{\"mediaType\":\"{media_type}\",\"digest\":\"{digest}\",\"size\":{size}}}")
}

/// A response of the server.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of the first error.
    pub(crate) fn code(&self) -> String {
        self.json()["errors"][0]["code"].as_str().expect("a code").to_owned()
    }
}

/// One connection, kept alive between requests.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn to(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out");
        Self { stream: BufReader::new(stream) }
    }

    pub(crate) fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        self.write_head(method, target, headers, Some(body.len() as u64))?;
        self.stream.get_mut().write_all(body)?;
        self.read_answer(method)
    }

    /// Writes the head of a request; without a length the body is chunked.
    pub(crate) fn write_head(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        length: Option<u64>,
    ) -> io::Result<()> {
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        match length {
            Some(0) if matches!(method, "GET" | "HEAD" | "DELETE") => {}
            Some(length) => head.push_str(&format!("content-length: {length}\r\n")),
            None => head.push_str("transfer-encoding: chunked\r\n"),
        }
        head.push_str("\r\n");
        self.stream.get_mut().write_all(head.as_bytes())
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    pub(crate) fn write_chunk(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(format!("{:x}\r\n", bytes.len()).as_bytes())?;
        self.write(bytes)?;
        self.write(b"\r\n")
    }

    /// Reads a response: its head, then the body to its end.
    pub(crate) fn read_answer(&mut self, method: &str) -> io::Result<Answer> {
        let mut answer = self.read_head()?;
        let mut reader = self.body(&answer, method);
        let mut body = Vec::new();
        reader.read_to_end(&mut body)?;
        answer.body = body;
        Ok(answer)
    }

    pub(crate) fn read_head(&mut self) -> io::Result<Answer> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status =
            status.ok_or_else(|| io::Error::other(format!("not a status line: {line}")))?;
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.trim_end().split_once(':') {
                Some((name, value)) => {
                    headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
                }
                None => return Ok(Answer { status, headers, body: Vec::new() }),
            }
        }
    }

    /// The body that belongs to a head that was read.
    pub(crate) fn body<'a>(&'a mut self, head: &Answer, method: &str) -> Box<dyn Read + 'a> {
        if method == "HEAD" || matches!(head.status, 204 | 304) {
            return Box::new(io::empty());
        }
        match head.header("content-length").and_then(|length| length.parse().ok()) {
            Some(left) => Box::new(Sized { stream: &mut self.stream, left }),
            None => Box::new(Chunked { stream: &mut self.stream, left: 0, is_over: false }),
        }
    }

    /// Whether the other side closed the connection.
    pub(crate) fn is_closed(&mut self) -> bool {
        match self.stream.fill_buf() {
            Ok(bytes) => bytes.is_empty(),
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        }
    }

    /// Reads to the end, whatever comes; whether there is one.
    pub(crate) fn ends(&mut self) -> bool {
        match self.stream.read_to_end(&mut Vec::new()) {
            Ok(_) => true,
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        }
    }

    /// Whether there is something to read already, or the end.
    pub(crate) fn has_something(&mut self) -> bool {
        let socket = self.stream.get_ref();
        socket.set_nonblocking(true).expect("can be said");
        let is_there =
            !matches!(socket.peek(&mut [0]), Err(e) if e.kind() == io::ErrorKind::WouldBlock);
        socket.set_nonblocking(false).expect("can be said");
        is_there
    }

    pub(crate) fn set_patience(&mut self, patience: Duration) {
        self.stream.get_ref().set_read_timeout(Some(patience)).expect("a time-out");
    }
}

/// A body with a length; its early end is an error.
struct Sized<'a> {
    stream: &'a mut BufReader<TcpStream>,
    left: u64,
}

impl Read for Sized<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Ok(0);
        }
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let length = self.stream.read(&mut buffer[..most])?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= length as u64;
        Ok(length)
    }
}

struct Chunked<'a> {
    stream: &'a mut BufReader<TcpStream>,
    left: u64,
    is_over: bool,
}

impl Read for Chunked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut line = String::new();
        while self.left == 0 && !self.is_over {
            line.clear();
            if self.stream.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.trim() {
                "" => {}
                size => {
                    self.left = u64::from_str_radix(size, 16).map_err(io::Error::other)?;
                    self.is_over = self.left == 0;
                }
            }
        }
        if self.is_over {
            return Ok(0);
        }
        let mut sized = Sized { stream: self.stream, left: self.left };
        let length = sized.read(buffer)?;
        self.left -= length as u64;
        Ok(length)
    }
}
