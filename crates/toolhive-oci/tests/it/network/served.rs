// SPDX-License-Identifier: Apache-2.0
//! The registry of `registry serve`, in a process of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::support::Sandbox;

/// A registry that runs until this is dropped.
pub(crate) struct Served {
    child: Child,
    pub(crate) addr: String,
}

impl Served {
    pub(crate) fn start(sandbox: &Sandbox, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_toolhive-oci"))
            .args(["--store", "registry", "registry", "serve", "--addr", "127.0.0.1:0"])
            .args(args)
            .current_dir(sandbox.path("."))
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut log = BufReader::new(child.stderr.take().expect("is piped"));
        let mut line = String::new();
        while !line.contains("listening") {
            line.clear();
            assert_ne!(log.read_line(&mut line).expect("reads"), 0, "it ended");
        }
        assert!(!line.contains('\x1b'), "{line}");
        let addr = line.split("addr=").nth(1).and_then(|rest| rest.split_whitespace().next());
        Self { addr: addr.expect("it says where").to_owned(), child }
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn get(&self, path: &str, header: &str) -> String {
        self.send("GET", path, header, "")
    }

    /// Sends one request; `header` is a line with its end, or nothing.
    pub(crate) fn send(&self, method: &str, path: &str, header: &str, body: &str) -> String {
        let (addr, length) = (&self.addr, body.len());
        self.raw(&format!(
            "{method} {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\
             Content-Length: {length}\r\n{header}\r\n{body}"
        ))
    }

    /// Sends these bytes on a connection of their own, and returns what comes back until its end.
    pub(crate) fn raw(&self, text: &str) -> String {
        let mut stream = TcpStream::connect(&self.addr).expect("connects");
        stream.write_all(text.as_bytes()).expect("sends");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answers");
        answer
    }

    /// Asks it to end; its exit code.
    pub(crate) fn stop(mut self) -> Option<i32> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(asked.expect("runs").success());
        self.child.wait().expect("ends").code()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
