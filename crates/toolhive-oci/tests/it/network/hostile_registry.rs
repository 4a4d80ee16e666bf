// SPDX-License-Identifier: Apache-2.0
//! Tests of hostile answers of a registry.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use serde_json::{Value, json};

use super::served::Served;
use crate::support::Sandbox;
use crate::support::forged::Forged;

/// A registry that answers every request with one document.
struct Answers {
    addr: String,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Answers {
    fn start(document: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
        let addr = listener.local_addr().expect("has one").to_string();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                answer(stream, &document);
            }
        });
        Self { addr, stop, thread: Some(thread) }
    }
}

fn answer(mut stream: TcpStream, document: &str) {
    let mut lines = BufReader::new(stream.try_clone().expect("cloned")).lines();
    while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
    let length = document.len();
    // The client may be gone.
    let _ = write!(
        stream,
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{document}"
    );
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // So that it stops waiting for one.
        let _ = TcpStream::connect(&self.addr);
        let ended = self.thread.take().map(JoinHandle::join);
        assert!(ended.is_none_or(|ended| ended.is_ok()));
    }
}

#[test]
fn tags_prints_what_is_a_tag_and_counts_the_rest_s_104() {
    let fixture = std::fs::read_to_string(test_support::testdata("hostile/tags.json"));
    let listed: Value = serde_json::from_str(&fixture.expect("is there")).expect("JSON");
    let others = listed.as_array().expect("a list").len() - 3;
    let registry = Answers::start(json!({"name": "x", "tags": listed}).to_string());
    let repository = format!("{}/x", registry.addr);
    let sandbox = Sandbox::new();
    let told =
        format!("warning: the registry lists {others} names that are not tags, left out here\n");
    let output = sandbox.run(0, &["plugin", "tags", &repository]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "1.0\n_x\nlatest\n");
    assert_eq!(String::from_utf8_lossy(&output.stderr), told);
    let output = sandbox.run(0, &["--format", "json", "skill", "tags", &repository]);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(found, json!(["1.0", "_x", "latest"]));
    assert_eq!(String::from_utf8_lossy(&output.stderr), told);
}

/// Puts a document at `NAME:1` of the served registry.
fn put(served: &Served, name: &str, document: &Value) {
    let media_type = document["mediaType"].as_str().expect("text");
    let header = format!("Content-Type: {media_type}\r\n");
    let target = format!("/v2/{name}/manifests/1");
    let answer = served.send("PUT", &target, &header, &document.to_string());
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

#[test]
fn pull_v6_an_index_without_manifests_is_not_pulled() {
    let sandbox = Sandbox::new();
    let served = Served::start(&sandbox, &[]);
    let index = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "artifactType": "dev.toolhive.plugins.v1", "manifests": []});
    put(&served, "empty", &index);
    let reference = format!("{}/empty:1", served.addr);
    for args in
        [&["plugin", "pull", &reference][..], &["plugin", "inspect", "--remote", &reference]]
    {
        let error = &sandbox.json(1, args)["error"];
        assert!(error["message"].to_string().contains("lists no manifest"), "{args:?} {error}");
    }
}

#[test]
fn a_config_past_the_limit_is_neither_pulled_nor_pushed_nor_read_there_dev_7() {
    let sandbox = Sandbox::new();
    let mut forged = Forged::plugin(&[]);
    forged.config["config"]["Labels"]["x"] = Value::from("x".repeat(5 << 20));
    forged.put_in(&sandbox.path("registry"), "large/config:1");
    forged.put(&sandbox, "bad");
    let served = Served::start(&sandbox, &[]);
    let reference = format!("{}/large/config:1", served.addr);
    let elsewhere = format!("{}/else:1", served.addr);
    sandbox.plugin("p", r#"{"name":"p"}"#);
    for args in [
        &["plugin", "pull", &reference][..],
        &["plugin", "pull", &reference, "--platform", "linux/amd64"],
        &["plugin", "inspect", "--remote", &reference],
        &["plugin", "verify", "--remote", &reference, "./p"],
        &["plugin", "diff", "--remote", &reference, "./p"],
        &["plugin", "push", "bad", "--to", &elsewhere],
        &["plugin", "copy", &reference, &elsewhere],
    ] {
        let error = &sandbox.json(1, args)["error"];
        assert_eq!(error["kind"], "too-large", "{args:?}: {error}");
        assert!(error["message"].to_string().contains("config"), "{args:?}: {error}");
    }
    let tags = sandbox.json(0, &["plugin", "builds"]);
    assert_eq!(tags.as_array().map(Vec::len), Some(1), "nothing was taken: {tags}");
    assert!(served.get("/v2/else/tags/list", "").starts_with("HTTP/1.1 404 "));
}
