// SPDX-License-Identifier: Apache-2.0
//! What clients cannot make the registry do.

use std::time::Duration;

use oci_artifact::digest;
use oci_registry_server::{Builder, Limits};

use crate::client::{start, start_with};

fn limited(set: impl Fn(&mut Limits)) -> impl FnOnce(Builder) -> Builder {
    move |builder| {
        let mut limits = Limits::default();
        set(&mut limits);
        builder.limits(limits)
    }
}

#[test]
fn heads_that_are_too_large_are_refused() {
    let registry = start();
    let value = "x".repeat(8 << 10);
    let names: Vec<String> = (0..99).map(|number| format!("x-{number}")).collect();
    let bomb: Vec<(&str, &str)> =
        names.iter().map(|name| (name.as_str(), value.as_str())).collect();
    let refused =
        |headers: &[(&str, &str)]| match registry.connect().send("GET", "/v2/", headers, b"") {
            Ok(answer) => answer.status == 431,
            // It may close while the rest of the head is still on its way.
            Err(_) => true,
        };
    assert!(refused(&bomb));
    let many: Vec<String> = (0..1_000).map(|number| format!("y-{number}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "x")).collect();
    assert!(refused(&many));
    let target = format!("/v2/{}/tags/list", "a/".repeat(100_000));
    assert!(
        registry
            .connect()
            .send("GET", &target, &[], b"")
            .map_or(true, |answer| answer.status >= 400)
    );
    assert_eq!(registry.get("/v2/").status, 200);
}

#[test]
fn clients_that_do_not_finish_their_head_are_cut_off() {
    let registry = start_with(limited(|limits| limits.head_time = Duration::from_millis(300)));
    for start in ["", "GET /v2/ HTTP/1.1\r\nhost: x\r\n"] {
        let mut connection = registry.connect();
        connection.write(start.as_bytes()).expect("writes");
        connection.set_patience(Duration::from_secs(10));
        match connection.read_answer("GET") {
            Ok(answer) => assert_eq!(answer.status, 408),
            Err(_) => assert!(connection.is_closed()),
        }
    }
}

#[test]
fn clients_that_do_not_send_their_body_are_cut_off_and_the_session_is_left() {
    let registry = start_with(limited(|limits| limits.idle_time = Duration::from_millis(300)));
    let location = registry.begin("a");
    let mut connection = registry.connect();
    connection.write_head("PATCH", &location, &[], Some(1_000)).expect("writes");
    connection.write(&[1; 10]).expect("writes");
    let answer = connection.read_answer("PATCH").expect("answers");
    assert_eq!((answer.status, answer.code()), (408, "BLOB_UPLOAD_INVALID".into()));
    assert_eq!(registry.get(&location).header("range"), Some("0-9"));
}

#[test]
fn clients_that_do_not_take_their_body_are_cut_off() {
    let registry = start_with(limited(|limits| limits.idle_time = Duration::from_millis(300)));
    let bytes = vec![1; 32 << 20];
    let digest = registry.push_blob("a", &bytes);
    let mut connection = registry.connect();
    connection.write_head("GET", &format!("/v2/a/blobs/{digest}"), &[], Some(0)).expect("writes");
    // POST and PUT came before.
    let counters = registry.server().counters();
    let is_cut_off = || counters.requests() == 3 && counters.in_flight() == 0;
    for _ in 0..200 {
        if is_cut_off() {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(is_cut_off());
    assert!(connection.read_answer("GET").is_err());
}

#[test]
fn blobs_past_the_limit_are_413_and_leave_nothing() {
    let registry = start_with(limited(|limits| limits.blob = 1_000));
    registry.push_blob("a", &[1; 1_000]);
    let location = registry.begin("a");
    assert_eq!(registry.send("PATCH", &location, &[], &[1; 900]).status, 202);
    let answer = registry.send("PATCH", &location, &[], &[1; 101]);
    assert_eq!((answer.status, answer.code()), (413, "SIZE_INVALID".into()));
    assert_eq!(registry.get(&location).status, 404);
    let digest = digest::sha256(&[1; 1_001]);
    let target = format!("/v2/a/blobs/uploads/?digest={digest}");
    assert_eq!(registry.send("POST", &target, &[], &[1; 1_001]).status, 413);
    assert_eq!(registry.server().uploads(), 0);
}

#[test]
fn connections_past_the_limit_wait() {
    let registry = start_with(limited(|limits| limits.connections = 2));
    let mut first = registry.connect();
    let mut second = registry.connect();
    assert_eq!(first.send("GET", "/v2/", &[], b"").expect("answers").status, 200);
    assert_eq!(second.send("GET", "/v2/", &[], b"").expect("answers").status, 200);
    let mut third = registry.connect();
    third.set_patience(Duration::from_millis(300));
    assert!(third.send("GET", "/v2/", &[], b"").is_err());
    drop(first);
    third.set_patience(Duration::from_secs(30));
    assert_eq!(third.read_answer("GET").expect("answers").status, 200);
}

#[test]
fn a_server_that_stops_answers_what_it_has_begun() {
    let registry = start();
    let location = registry.begin("a");
    let digest = digest::sha256(&[7; 1_000]);
    let mut connection = registry.connect();
    let target = format!("{location}?digest={digest}");
    connection.write_head("PUT", &target, &[], Some(1_000)).expect("writes");
    connection.write(&[7; 500]).expect("writes");
    while registry.server().counters().bytes_received() < 500 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let rest = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        connection.write(&[7; 500]).expect("writes");
        connection.read_answer("PUT").expect("answers").status
    });
    let dir = registry.stop();
    assert_eq!(rest.join().expect("ends"), 201);
    let registry = crate::client::start_in(dir, |b| b);
    assert_eq!(registry.head(&format!("/v2/a/blobs/{digest}")).status, 200);
}
