// SPDX-License-Identifier: Apache-2.0
//! Debian's docker-registry, the yardstick where the specification is silent: the same requests go
//! to it and to ours, and the answers are compared. Where ours is another, the table of
//! [`DEPARTURES`] says why. Where it is not installed, these tests are skipped.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use oci_artifact::digest;
use oci_registry_faults::Authority;
use oci_registry_server::{Access, Accounts, Bearer};
use tempfile::TempDir;
use test_support::tools;

use crate::client::{Connection, image, index, start, start_with};

/// The steps at which ours may answer otherwise, and why.
const DEPARTURES: &[(&str, &str)] = &[
    ("a bad name", "NAME_INVALID is in the specification; theirs is a 404 of its router"),
    ("a foreign path", "errors are JSON everywhere"),
    ("a foreign method", "theirs takes any method at the base"),
    ("a hole", "chunks out of order MUST be refused with 416; 2.8 does not look"),
    ("none of it", "the body of its 416 is shorter than it says"),
    ("no tag", "an error with a code, rather than the router's 404"),
    ("a layer that is not there", "end-7 fails with 404; the code is the same"),
    ("an index of nothing", "the same"),
    ("the manifest did not change", "a 304 carries the ETag (RFC 9110, 15.4.5)"),
    ("tags", "tags MUST be in lexical order"),
    ("a page of tags", "2.8 has no pages of tags, the specification has"),
    ("the next page", "the same"),
    ("after the last", "the same"),
    ("a page of what", "the same"),
    ("a page of them", "the same parameters in another order"),
    ("a tag goes", "end-9 deletes tags; 2.8 only digests"),
];

/// The headers that are compared.
const HEADERS: [&str; 11] = [
    "content-type",
    "content-range",
    "accept-ranges",
    "docker-content-digest",
    "docker-distribution-api-version",
    "etag",
    "link",
    "location",
    "range",
    "allow",
    "www-authenticate",
];

/// A docker-registry with a directory of its own; it ends with this.
struct Yardstick {
    child: Child,
    addr: SocketAddr,
    _dir: TempDir,
}

impl Yardstick {
    /// Starts it with `more` in its configuration.
    fn start(more: &str) -> Option<Self> {
        if !tools::are_installed(&["docker-registry"]) {
            return None;
        }
        let dir = tempfile::tempdir().expect("there is room");
        let root = dir.path().join("registry");
        let config = format!(
            "version: 0.1\nlog: {{level: info, formatter: json}}\n\
             storage: {{filesystem: {{rootdirectory: {root:?}}}, delete: {{enabled: true}}}}\n\
             http: {{addr: '127.0.0.1:0'}}\n{more}"
        );
        let file = dir.path().join("config.yml");
        std::fs::write(&file, config).expect("writes");
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&file).stdout(Stdio::null()).stderr(Stdio::piped());
        command.env("OTEL_TRACES_EXPORTER", "none");
        let mut child = command.spawn().expect("docker-registry starts");
        let mut log = BufReader::new(child.stderr.take().expect("is piped"));
        let mut line = String::new();
        let addr = loop {
            line.clear();
            assert_ne!(log.read_line(&mut line).expect("reads"), 0, "it ended");
            if let Some((_, rest)) = line.split_once("listening on ") {
                let addr = rest.split(['"', ' ', ',']).next().expect("one");
                break addr.trim().parse().expect("an address");
            }
        };
        // Its log is read to the end, so that it is never in its way.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Some(Self { child, addr, _dir: dir })
    }
}

impl Drop for Yardstick {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Requests that are the same for both, and the answers as lines.
struct Story {
    connection: Connection,
    addr: SocketAddr,
    /// The texts that differ in every run, and the name that each gets.
    names: Vec<(String, &'static str)>,
    lines: Vec<(&'static str, String)>,
}

impl Story {
    fn ask(
        &mut self,
        step: &'static str,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<String> {
        let answer = self.connection.send(method, target, headers, body);
        // Each request stands alone, whatever was done to the connection.
        self.connection = Connection::to(self.addr);
        let Ok(answer) = answer else {
            self.lines.push((step, "no whole answer".to_owned()));
            return None;
        };
        let location = answer.header("location").map(str::to_owned);
        if let Some(id) = answer.header("docker-upload-uuid") {
            self.names.push((id.to_owned(), "ID"));
        }
        let mut line = answer.status.to_string();
        if answer.status >= 400 && method != "HEAD" {
            let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            line.push_str(&format!(" {}", json["errors"][0]["code"].as_str().unwrap_or("-")));
        } else if method != "HEAD" && answer.body.len() < 200 {
            line.push_str(&format!(" {:?}", answer.text().trim_end()));
        }
        for name in HEADERS {
            let Some(value) = answer.header(name) else { continue };
            let path = value.trim_start_matches("http://localhost");
            let path = path.trim_end_matches("; charset=utf-8");
            let (path, _) = path.split_once("?_state").unwrap_or((path, ""));
            let value =
                self.names.iter().fold(path.to_owned(), |text, (id, name)| text.replace(id, name));
            line.push_str(&format!(" {name}={value}"));
        }
        self.lines.push((step, line));
        location.map(|at| at.trim_start_matches("http://localhost").to_owned())
    }

    fn begin(&mut self, step: &'static str) -> String {
        self.ask(step, "POST", "/v2/a/b/blobs/uploads/", &[], b"").expect("a location")
    }
}

fn with_digest(location: &str, bytes: &[u8]) -> String {
    let separator = if location.contains('?') { '&' } else { '?' };
    format!("{location}{separator}digest={}", digest::sha256(bytes))
}

/// Plays the requests of the story to the registry at `addr`.
fn tell(addr: SocketAddr) -> Vec<(&'static str, String)> {
    let connection = Connection::to(addr);
    let mut story = Story { connection, addr, names: Vec::new(), lines: Vec::new() };
    let (config, layer) = (b"{}", b"0123456789");
    let (config_digest, layer_digest) = (digest::sha256(config), digest::sha256(layer));
    let blob = format!("/v2/a/b/blobs/{layer_digest}");
    let s = &mut story;

    s.ask("base", "GET", "/v2/", &[], b"");
    s.ask("a blob that is not there", "HEAD", &blob, &[], b"");
    s.ask("the same, read", "GET", &blob, &[], b"");
    s.ask("a malformed digest", "GET", "/v2/a/b/blobs/sha256:xyz", &[], b"");
    s.ask("a bad name", "GET", "/v2/A/B/tags/list", &[], b"");
    s.ask("a foreign path", "GET", "/v2/a/b/nothing/here", &[], b"");
    s.ask("a foreign method", "PATCH", "/v2/", &[], b"");
    s.ask("tags of no repository", "GET", "/v2/a/b/tags/list", &[], b"");
    s.ask("a manifest of no repository", "GET", "/v2/a/b/manifests/v1", &[], b"");

    let location = s.begin("an upload begins");
    let octets = [("content-type", "application/octet-stream")];
    let first = [octets[0], ("content-range", "0-3")];
    let next = s.ask("a first chunk", "PATCH", &location, &first, b"0123");
    let next = next.unwrap_or(location.clone());
    s.ask("how far it is", "GET", &next, &[], b"");
    let rest = [octets[0], ("content-range", "4-9")];
    let last = s.ask("a second chunk", "PATCH", &next, &rest, b"456789");
    let next = last.unwrap_or(next);
    s.ask("it ends", "PUT", &with_digest(&next, layer), &[], b"");
    s.ask("its upload is over", "GET", &location, &[], b"");

    let location = s.begin("another upload");
    s.ask("a wrong digest", "PUT", &with_digest(&location, b"else"), &[], layer);
    let location = s.begin("a third");
    s.ask("no digest", "PUT", &location, &[], layer);
    let location = s.begin("a fourth");
    s.ask("given up", "DELETE", &location, &[], b"");
    s.ask("given up twice", "DELETE", &location, &[], b"");
    let location = s.begin("a fifth");
    let hole = [octets[0], ("content-range", "7-9")];
    s.ask("a hole", "PATCH", &location, &hole, b"789");
    let location = s.begin("a sixth");
    s.ask("the config", "PUT", &with_digest(&location, config), &octets, config);

    s.ask("a blob's head", "HEAD", &blob, &[], b"");
    s.ask("a blob", "GET", &blob, &[], b"");
    s.ask("some of it", "GET", &blob, &[("range", "bytes=2-4")], b"");
    s.ask("the end of it", "GET", &blob, &[("range", "bytes=8-")], b"");
    s.ask("the last of it", "GET", &blob, &[("range", "bytes=-2")], b"");
    s.ask("none of it", "GET", &blob, &[("range", "bytes=20-30")], b"");
    let etag = format!("\"{layer_digest}\"");
    s.ask("not changed", "GET", &blob, &[("if-none-match", &etag)], b"");
    s.ask(
        "a mount",
        "POST",
        &format!("/v2/c/blobs/uploads/?mount={layer_digest}&from=a/b"),
        &[],
        b"",
    );
    let nothing = digest::sha256(b"nothing");
    s.ask(
        "a mount of nothing",
        "POST",
        &format!("/v2/c/blobs/uploads/?mount={nothing}&from=a/b"),
        &[],
        b"",
    );

    let manifest_type = [("content-type", crate::client::MANIFEST)];
    let manifest = image(config, layer, "");
    let manifest_digest = digest::sha256(&manifest);
    let by_digest = format!("/v2/a/b/manifests/{manifest_digest}");
    s.ask("a manifest", "PUT", "/v2/a/b/manifests/v1", &manifest_type, &manifest);
    s.ask("by digest", "PUT", &by_digest, &manifest_type, &manifest);
    s.ask("another tag", "PUT", "/v2/a/b/manifests/v2", &manifest_type, &manifest);
    let other = format!("/v2/a/b/manifests/{config_digest}");
    s.ask("under another's digest", "PUT", &other, &manifest_type, &manifest);
    s.ask("no manifest", "PUT", "/v2/a/b/manifests/v3", &manifest_type, b"{");
    s.ask("no tag", "PUT", "/v2/a/b/manifests/.v", &manifest_type, &manifest);
    let sparse = image(config, b"unknown", "");
    s.ask("a layer that is not there", "PUT", "/v2/a/b/manifests/v3", &manifest_type, &sparse);
    let list = index(&[&manifest], "");
    let index_type = [("content-type", crate::client::INDEX)];
    s.ask("an index", "PUT", "/v2/a/b/manifests/list", &index_type, &list);
    let sparse = index(&[b"unknown"], "");
    s.ask("an index of nothing", "PUT", "/v2/a/b/manifests/list2", &index_type, &sparse);
    let accept = [("accept", crate::client::MANIFEST)];
    s.ask("its head", "HEAD", "/v2/a/b/manifests/v1", &accept, b"");
    s.ask("it, by digest", "HEAD", &by_digest, &accept, b"");
    s.ask("no such tag", "GET", "/v2/a/b/manifests/v9", &accept, b"");
    let etag = format!("\"{manifest_digest}\"");
    let unchanged = [accept[0], ("if-none-match", etag.as_str())];
    s.ask("the manifest did not change", "GET", "/v2/a/b/manifests/v1", &unchanged, b"");

    s.ask("tags", "GET", "/v2/a/b/tags/list", &[], b"");
    s.ask("a page of tags", "GET", "/v2/a/b/tags/list?n=1", &[], b"");
    s.ask("the next page", "GET", "/v2/a/b/tags/list?n=1&last=list", &[], b"");
    s.ask("after the last", "GET", "/v2/a/b/tags/list?n=1&last=v2", &[], b"");
    s.ask("a page of what", "GET", "/v2/a/b/tags/list?n=what", &[], b"");
    s.ask("repositories", "GET", "/v2/_catalog", &[], b"");
    s.ask("a page of them", "GET", "/v2/_catalog?n=1", &[], b"");

    s.ask("a tag goes", "DELETE", "/v2/a/b/manifests/v2", &[], b"");
    s.ask("a manifest goes", "DELETE", &by_digest, &[], b"");
    s.ask("it has gone", "GET", &by_digest, &accept, b"");
    s.ask("and its tag", "GET", "/v2/a/b/manifests/v1", &accept, b"");
    s.ask("it goes twice", "DELETE", &by_digest, &[], b"");
    s.ask("a blob goes", "DELETE", &blob, &[], b"");
    s.ask("the blob goes twice", "DELETE", &blob, &[], b"");
    s.ask("other repositories have it", "HEAD", &format!("/v2/c/blobs/{layer_digest}"), &[], b"");
    story.lines
}

#[test]
fn answers_are_those_of_docker_registry_where_the_specification_is_silent() {
    let Some(yardstick) = Yardstick::start("") else { return };
    let theirs = tell(yardstick.addr);
    let registry = start();
    let ours = tell(registry.server().addr());
    let mut wrong = String::new();
    for ((step, theirs), (_, ours)) in theirs.iter().zip(&ours).filter(|(one, two)| one != two) {
        if !DEPARTURES.iter().any(|(departure, _)| departure == step) {
            wrong.push_str(&format!("{step}\n  theirs {theirs}\n  ours   {ours}\n"));
        }
    }
    assert!(wrong.is_empty() && theirs.len() == ours.len(), "{wrong}");
    for (step, why) in DEPARTURES {
        assert!(ours.iter().any(|(known, _)| known == step), "{step}: {why}");
    }
}

#[test]
fn challenges_for_a_mount_ask_for_the_scopes_that_docker_registry_asks_for_sv_3() {
    let authority = Authority::new().expect("makes one");
    let dir = tempfile::tempdir().expect("there is room");
    let bundle = dir.path().join("authority.pem");
    std::fs::write(&bundle, authority.pem()).expect("writes");
    let auth = format!(
        "auth: {{token: {{realm: 'http://localhost/token', service: s, issuer: i, \
         rootcertbundle: {bundle:?}}}}}\n"
    );
    let Some(yardstick) = Yardstick::start(&auth) else { return };
    let ours = start_with(|b| b.access(Access::Bearer(Bearer::new(Accounts::new()))));
    let digest = digest::sha256(b"hello");
    let uploads = "/v2/a/b/blobs/uploads/";
    for target in [
        uploads.to_owned(),
        format!("{uploads}?mount={digest}"),
        format!("{uploads}?mount={digest}&from=c/d"),
        format!("{uploads}?mount={digest}&from=a/b"),
    ] {
        let scopes = |addr: SocketAddr| {
            let answer = Connection::to(addr).send("POST", &target, &[], b"").expect("answers");
            assert_eq!(answer.status, 401);
            let challenge = answer.header("www-authenticate").expect("a challenge");
            let (_, rest) = challenge.split_once("scope=\"").expect("names scopes");
            let (scopes, _) = rest.split_once('"').expect("ends");
            // Theirs stand in no order.
            let scopes = scopes.split(' ').map(|scope| {
                let (name, actions) = scope.rsplit_once(':').expect("has actions");
                let actions: BTreeSet<String> = actions.split(',').map(str::to_owned).collect();
                (name.to_owned(), actions)
            });
            scopes.collect::<BTreeSet<_>>()
        };
        assert_eq!(scopes(ours.server().addr()), scopes(yardstick.addr), "{target}");
    }
}
