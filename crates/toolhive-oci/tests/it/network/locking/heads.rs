// SPDX-License-Identifier: Apache-2.0
//! `outdated` asks little: one HEAD a name, eight at a time.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::Sandbox;

const NAMES: usize = 20;
const AT_ONCE: usize = 8;

#[derive(Default)]
struct Asked {
    heads: Vec<String>,
    under_way: usize,
    most: usize,
}

/// Answers a connection's requests that there is no such thing; the first ones only once as many are
/// under way as may be.
fn answer(connection: TcpStream, asked: &(Mutex<Asked>, Condvar)) -> std::io::Result<()> {
    let mut reader = BufReader::new(connection.try_clone()?);
    let mut writer = connection;
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head)? == 0 {
                return Ok(());
            }
        }
        let line = head.lines().next().unwrap_or_default().to_owned();
        let mut now = asked.0.lock().expect("is whole");
        now.under_way += 1;
        now.most = now.most.max(now.under_way);
        now.heads.push(line);
        asked.1.notify_all();
        let waits = |now: &mut Asked| now.most < AT_ONCE;
        let patience = Duration::from_secs(20);
        let (mut now, _) = asked.1.wait_timeout_while(now, patience, waits).expect("is whole");
        now.under_way -= 1;
        drop(now);
        writer.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")?;
    }
}

#[test]
fn outdated_asks_one_head_a_name_eight_at_a_time() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("binds");
    let addr = listener.local_addr().expect("has one");
    let asked = Arc::new((Mutex::new(Asked::default()), Condvar::new()));
    let shared = Arc::clone(&asked);
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let shared = Arc::clone(&shared);
            thread::spawn(move || answer(connection, &shared));
        }
    });
    let sandbox = Sandbox::new();
    let mut lock = "version: 1\nskills:\n".to_owned();
    for number in 10..10 + NAMES {
        let digest = format!("sha256:{}", "0".repeat(64));
        write!(
            lock,
            "    - name: n{number}\n      source: {addr}/me/n{number}:1\n      resolvedReference: \
             {addr}/me/n{number}:1\n      digest: {digest}\n      contentDigest: {digest}\n"
        )
        .expect("is written");
    }
    sandbox.write("p/toolhive.lock.yaml", lock);
    let mut command = Command::new(env!("CARGO_BIN_EXE_toolhive-oci"));
    command.env_clear().current_dir(sandbox.path("."));
    command.args(["--store", "store", "--format", "json", "skill", "outdated"]);
    let output = command.args(["--project-root", "p"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["outcomes"].as_array().expect("a list").len(), NAMES);
    let asked = asked.0.lock().expect("is whole");
    let mut heads = asked.heads.clone();
    heads.sort();
    let expected: Vec<String> = (10..10 + NAMES)
        .map(|number| format!("HEAD /v2/me/n{number}/manifests/1 HTTP/1.1"))
        .collect();
    assert_eq!(heads, expected);
    assert_eq!(asked.most, AT_ONCE);
}
