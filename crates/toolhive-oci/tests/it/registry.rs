// SPDX-License-Identifier: Apache-2.0
//! `registry serve`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::support::{Sandbox, example};

/// A registry that runs until this is dropped.
struct Served {
    child: Child,
    addr: String,
}

impl Served {
    fn start(sandbox: &Sandbox, args: &[&str]) -> Self {
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

    fn get(&self, path: &str, header: &str) -> String {
        let mut stream = TcpStream::connect(&self.addr).expect("connects");
        let addr = &self.addr;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n{header}\r\n")
            .expect("sends");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answers");
        answer
    }

    /// Asks it to end; its exit code.
    fn stop(mut self) -> Option<i32> {
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

#[test]
fn it_starts_answers_and_stops() {
    let sandbox = Sandbox::new();
    let served = Served::start(&sandbox, &[]);
    assert!(served.addr.starts_with("127.0.0.1:"));
    assert!(served.get("/v2/", "").starts_with("HTTP/1.1 200 "));
    assert!(served.get("/v2/nothing/tags/list", "").starts_with("HTTP/1.1 404 "));
    assert_eq!(served.stop(), Some(0));
}

/// Debian's skopeo pushes a build to it and pulls it again; where it is installed.
#[test]
fn skopeo_pushes_and_pulls_what_was_built() {
    if Command::new("skopeo").arg("--version").output().is_err() {
        let _ = writeln!(std::io::stdout(), "skopeo cannot be asked: it is not installed");
        return;
    }
    let sandbox = Sandbox::new();
    let built = sandbox.json(0, &["plugin", "build", &example("plugins/release-notes")]);
    let served = Served::start(&sandbox, &[]);
    let remote = format!("docker://{}/me/release-notes:1.2.0", served.addr);
    let skopeo = |args: &[&str]| {
        let output = Command::new("skopeo").args(args).current_dir(sandbox.path(".")).output();
        let output = output.expect("runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    };
    skopeo(&["copy", "--all", "--dest-tls-verify=false", "oci:store:release-notes", &remote]);
    let raw = skopeo(&["inspect", "--raw", "--tls-verify=false", &remote]);
    assert_eq!(oci_artifact::digest::sha256(&raw).as_ref(), built["index_digest"]);
    skopeo(&["copy", "--all", "--src-tls-verify=false", &remote, "oci:pulled:release-notes"]);
    assert_eq!(served.stop(), Some(0));

    let out = Command::new(env!("CARGO_BIN_EXE_toolhive-oci"))
        .args(["--store", "pulled", "plugin", "extract", "release-notes", "out"])
        .current_dir(sandbox.path("."))
        .output();
    assert!(out.expect("runs").status.success());
    let plugin = example("plugins/release-notes");
    let same = Command::new("diff").args(["-r", &plugin]).arg(sandbox.path("out")).status();
    assert!(same.expect("diff runs").success());
}

#[test]
fn accounts_keep_others_out_and_their_passwords_to_themselves() {
    let sandbox = Sandbox::new();
    sandbox.write("accounts", "# who may come in\nci:canary-secret\nreader:other:pull\n");
    let served = Served::start(&sandbox, &["--accounts", "accounts"]);
    let refused = served.get("/v2/", "");
    assert!(refused.starts_with("HTTP/1.1 401 ") && refused.contains("Basic"), "{refused}");
    // ci:canary-secret
    let header = "Authorization: Basic Y2k6Y2FuYXJ5LXNlY3JldA==\r\n";
    assert!(served.get("/v2/", header).starts_with("HTTP/1.1 200 "));

    sandbox.write("wrong", "ci:canary-secret:all:rights\n");
    let output = sandbox.run(1, &["registry", "serve", "--accounts", "wrong"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("wrong:1"), "{text}");
    assert!(!text.contains("canary"), "{text}");
}
