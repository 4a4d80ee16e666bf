// SPDX-License-Identifier: Apache-2.0
//! Tests of the limits on what clients can make the registry do.

use std::time::Duration;

use oci_artifact::digest;
use oci_registry_faults::Authority;
use oci_registry_server::{Access, Accounts, Bearer, Builder, Http, Limits, Rights};

use crate::client::{Connection, start, start_with};

fn limited(set: impl Fn(&mut Limits)) -> impl Fn(Builder) -> Builder {
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
fn clients_that_do_not_finish_a_further_head_are_cut_off_sv_9() {
    let limits = limited(|limits| limits.head_time = Duration::from_millis(300));
    let registry = start_with(limits);
    for start in ["", "GET /v2/ HTTP/1.1\r\nhost: x\r\n"] {
        let mut connection = registry.connect();
        assert_eq!(connection.send("GET", "/v2/", &[], b"").expect("answers").status, 200);
        connection.write(start.as_bytes()).expect("writes");
        connection.set_patience(Duration::from_secs(10));
        match connection.read_answer("GET") {
            Ok(answer) => assert_eq!(answer.status, 408),
            Err(_) => assert!(connection.is_closed()),
        }
    }
}

#[test]
fn clients_that_do_not_send_their_body_are_cut_off_and_the_session_is_left_sv_9() {
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
fn clients_that_do_not_take_their_body_are_cut_off_sv_9() {
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
fn a_first_head_has_its_own_time_whatever_is_sent_of_it_sv_6() {
    let limits = limited(|limits| limits.first_head_time = Duration::from_millis(300));
    let authority = Authority::new().expect("makes one");
    let tls = authority.server(&["localhost"]).expect("makes one");
    let plain = start_with(&limits);
    let two = start_with(|b| limits(b).http(Http::Two));
    let secure = start_with(|b| limits(b).tls(tls));
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    // The beginning of a handshake's record, whose rest does not come.
    let hello = b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03";
    for (registry, start) in [
        (&plain, &b""[..]),
        (&plain, b"GET /v2/ HTTP/1.1\r\nhost: x\r\n"),
        (&two, b""),
        (&two, preface),
        (&secure, b""),
        (&secure, hello),
    ] {
        let mut connection = registry.connect();
        connection.write(start).expect("writes");
        connection.set_patience(Duration::from_secs(30));
        assert!(connection.ends(), "{start:?}");
    }
    // What comes after the first request does not end by it.
    let mut connection = plain.connect();
    for _ in 0..2 {
        assert_eq!(connection.send("GET", "/v2/", &[], b"").expect("answers").status, 200);
        std::thread::sleep(Duration::from_millis(400));
    }
}

/// Limits under which nothing ends by itself while a test lasts.
fn patient(connections: usize, stall_time: Duration) -> impl Fn(Builder) -> Builder {
    limited(move |limits| {
        let long = Duration::from_secs(3_600);
        (limits.first_head_time, limits.head_time, limits.idle_time) = (long, long, long);
        (limits.connections, limits.stall_time) = (connections, stall_time);
    })
}

#[test]
fn half_sent_heads_do_not_stop_the_registry_sv_7() {
    let registry = start_with(patient(1_024, Duration::from_secs(3_600)));
    let heads: Vec<Connection> = (0..1_060)
        .map(|_| {
            let mut connection = registry.connect();
            connection.write(b"GET /v2/ HTTP/1.1\r\nhost: x\r\n").expect("writes");
            connection
        })
        .collect();
    assert_eq!(registry.get("/v2/").status, 200);
    drop(heads);
}

#[test]
fn the_connection_that_rests_longest_gives_way_sv_7() {
    let registry = start_with(patient(3, Duration::from_secs(3_600)));
    let ask = |connection: &mut Connection| connection.send("GET", "/v2/", &[], b"");
    let [mut first, mut second, mut third] = std::array::from_fn(|_| registry.connect());
    for connection in [&mut first, &mut second, &mut third] {
        assert_eq!(ask(connection).expect("answers").status, 200);
    }
    // The first is younger than the second by its last request.
    assert_eq!(ask(&mut first).expect("answers").status, 200);
    let mut fourth = registry.connect();
    assert_eq!(ask(&mut fourth).expect("answers").status, 200);
    assert!(second.is_closed());
    for connection in [&mut first, &mut third, &mut fourth] {
        assert_eq!(ask(connection).expect("was not told to leave").status, 200);
    }
}

#[test]
fn connections_with_requests_do_not_give_way_and_others_wait_sv_7() {
    let registry = start_with(patient(2, Duration::from_secs(3_600)));
    let mut busy: Vec<(Connection, String)> = Vec::new();
    for _ in 0..2 {
        let location = registry.begin("a");
        let mut connection = registry.connect();
        connection.write_head("PATCH", &location, &[], Some(2)).expect("writes");
        connection.write(b"x").expect("writes");
        busy.push((connection, location));
        while registry.server().counters().in_flight() < busy.len() as u64 {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    let mut third = registry.connect();
    third.set_patience(Duration::from_millis(300));
    assert!(third.send("GET", "/v2/", &[], b"").is_err());
    third.set_patience(Duration::from_secs(30));
    let (mut first, _) = busy.remove(0);
    first.write(b"y").expect("writes");
    assert_eq!(first.read_answer("PATCH").expect("answers").status, 202);
    // Now it rests, and gives way.
    assert_eq!(third.read_answer("GET").expect("answers").status, 200);
    let (mut second, _) = busy.remove(0);
    second.write(b"y").expect("writes");
    assert_eq!(second.read_answer("PATCH").expect("answers").status, 202);
}

#[test]
fn requests_that_move_nothing_give_way_where_all_are_busy_sv_7() {
    let registry = start_with(patient(2, Duration::from_millis(200)));
    let mut stalled: Vec<Connection> = Vec::new();
    for number in 1..=4 {
        let location = registry.begin("a");
        let mut connection = registry.connect();
        connection.write_head("PATCH", &location, &[], Some(2)).expect("writes");
        connection.write(b"x").expect("writes");
        stalled.push(connection);
        while registry.server().counters().requests() < 2 * number {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    assert_eq!(registry.get("/v2/").status, 200);
    assert!(stalled[0].is_closed());
}

#[test]
fn a_form_that_trickles_is_cut_off_as_a_whole_sv_8() {
    let accounts = Accounts::new().user("u", "p", Rights::All).expect("an account");
    let limits = limited(|limits| limits.head_time = Duration::from_millis(600));
    let access = Access::Bearer(Bearer::new(accounts));
    let registry = start_with(|b| limits(b).access(access));
    let mut connection = registry.connect();
    connection.write_head("POST", "/token", &[], Some(10_000)).expect("writes");
    let mut pieces = 0;
    // Each piece comes long before a body that stops is given up.
    while pieces < 600 && connection.write(b"x").is_ok() && !connection.has_something() {
        pieces += 1;
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(pieces < 600, "it takes a form for ever");
    if let Ok(answer) = connection.read_answer("POST") {
        assert_eq!(answer.status, 408);
    }
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
