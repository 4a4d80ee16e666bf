// SPDX-License-Identifier: Apache-2.0
//! The faults do what they say.

use std::io::Read as _;
use std::time::{Duration, SystemTime};

use oci_artifact::digest;
use oci_registry_faults::Endpoint;
use oci_registry_faults::{Cut, Door, Fault, Proxy, Reply, Times, When};

use crate::client::{Connection, start, start_with};

const SOON: Duration = Duration::from_millis(300);

#[test]
fn rules_fire_on_the_requests_that_they_describe() {
    let registry = start();
    let server = registry.server();
    let rule =
        server.script(When::get(Endpoint::Tags).nth(2), Fault::status(503).set("retry-after", "1"));
    let status = || registry.get("/v2/a/tags/list").status;
    assert_eq!((status(), registry.get("/v2/").status), (404, 200));
    let answer = registry.get("/v2/a/tags/list");
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("1")));
    assert_eq!((status(), rule.fired(), rule.described()), (404, 1, 3));
    let always = server.script(When::any().repository("a"), Fault::status(500));
    assert_eq!((status(), registry.get("/v2/a/b/tags/list").status), (500, 404));
    always.stop();
    assert_eq!(status(), 404);
}

#[test]
fn rules_that_fire_together_add_up() {
    let registry = start_with(|builder| {
        builder
            .script(When::any(), Fault::pass().set("x-one", "1"))
            .script(When::any(), Fault::status(418))
            .script(When::any(), Fault::reply(Reply::new(503).body("busy")))
            .script(When::any(), Fault::pass().add("x-two", "2").with_status(504))
    });
    let answer = registry.get("/v2/");
    assert_eq!((answer.status, answer.text().as_str()), (504, "busy"));
    assert_eq!((answer.header("x-one"), answer.header("x-two")), (Some("1"), Some("2")));
}

#[test]
fn replies_come_at_once_or_after_the_body() {
    let registry = start();
    let early = Fault::status(401);
    let late = Fault::status(413).after_body();
    registry.server().script(When::patch().nth(1), early);
    registry.server().script(When::patch().nth(2), late);
    let location = registry.begin("a");
    let mut connection = registry.connect();
    connection.write_head("PATCH", &location, &[], Some(1 << 30)).expect("writes");
    assert_eq!(connection.read_answer("PATCH").expect("answers").status, 401);
    let bytes = vec![0; 1_000_000];
    assert_eq!(registry.send("PATCH", &location, &[], &bytes).status, 413);
    let log = registry.server().requests_like(&When::patch());
    assert_eq!((log[1].status(), log[1].received()), (Some(413), 1_000_000));
    assert!(log[0].is_faulty() && log[1].is_faulty());
}

#[test]
fn requests_are_logged_with_their_headers() {
    let registry = start();
    registry.send("GET", "/v2/a/tags/list?n=5", &[("Authorization", "Bearer secret")], b"");
    let log = registry.server().requests();
    let seen = &log[0].seen;
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("GET", "/v2/a/tags/list"));
    assert_eq!((seen.endpoint, seen.parameter("n")), (Endpoint::Tags, Some("5".into())));
    assert_eq!(seen.header("authorization"), Some("Bearer secret"));
    assert_eq!((seen.host.as_deref(), seen.number), (Some("localhost"), 1));
    assert_eq!((log[0].status(), log[0].is_faulty()), (Some(404), false));
    registry.server().clear_requests();
    assert!(registry.server().requests().is_empty());
}

#[test]
fn resets_and_ends_come_instead_of_an_answer() {
    let registry = start();
    registry.server().script(When::any().nth(1), Fault::reset());
    registry.server().script(When::any().nth(2), Fault::close());
    let mut connection = registry.connect();
    let error = connection.send("GET", "/v2/", &[], b"").expect_err("no answer");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    let error = registry.connect().send("GET", "/v2/", &[], b"").expect_err("no answer");
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
    assert_eq!(registry.get("/v2/").status, 200);
}

#[test]
fn a_response_can_be_lost_after_the_commit() {
    let registry = start();
    registry.server().script(When::put(Endpoint::Upload).nth(1), Fault::pass().lose(Cut::Reset));
    let location = registry.begin("a");
    let digest = digest::sha256(b"hello");
    let mut connection = registry.connect();
    connection
        .send("PUT", &format!("{location}?digest={digest}"), &[], b"hello")
        .expect_err("lost");
    assert_eq!(registry.head(&format!("/v2/a/blobs/{digest}")).status, 200);
}

#[test]
fn a_request_can_break_off_on_its_way_in() {
    let registry = start();
    registry.server().script(When::patch().nth(1), Fault::pass().reset_at(50_000));
    let location = registry.begin("a");
    let mut connection = registry.connect();
    connection.send("PATCH", &location, &[], &[1; 200_000]).expect_err("breaks off");
    assert_eq!(registry.get(&location).header("range"), Some("0-49999"));
}

#[test]
fn bodies_are_cut_flipped_lengthened_and_replaced() {
    let registry = start();
    let bytes: Vec<u8> = (0..300_000_u32).map(|i| (i % 251) as u8).collect();
    let target = format!("/v2/a/blobs/{}", registry.push_blob("a", &bytes));
    let script = |fault: Fault| registry.server().script(When::get(Endpoint::Blob).first(1), fault);

    for cut in [Cut::Close, Cut::Reset] {
        let rule = script(Fault::pass().cut(100_000, cut));
        let mut connection = registry.connect();
        connection.write_head("GET", &target, &[], Some(0)).expect("writes");
        let head = connection.read_head().expect("a head");
        assert_eq!(head.header("content-length"), Some("300000"));
        let mut body = Vec::new();
        let result = connection.body(&head, "GET").read_to_end(&mut body);
        assert!(result.is_err());
        assert_eq!((body.len(), rule.fired()), (100_000, 1), "{cut:?}");
        assert!(bytes.starts_with(&body));
    }

    script(Fault::pass().cut(1_000, Cut::Stall));
    let mut connection = registry.connect();
    connection.set_patience(SOON);
    let error = connection.send("GET", &target, &[], b"").expect_err("stalls");
    assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);

    for at in [0, 150_000, 299_999] {
        script(Fault::pass().flip(at as u64));
        let answer = registry.get(&target);
        let different: Vec<usize> =
            (0..bytes.len()).filter(|at| answer.body[*at] != bytes[*at]).collect();
        assert_eq!(different, [at]);
    }

    script(Fault::pass().append("more"));
    let answer = registry.get(&target);
    assert_eq!((answer.body.len(), answer.header("content-length")), (300_004, Some("300004")));
    script(Fault::pass().remove("content-length"));
    let answer = registry.get(&target);
    assert_eq!((answer.body.len(), answer.header("content-length")), (300_000, None));
    script(Fault::pass().body("other"));
    assert_eq!(registry.get(&target).text(), "other");
    script(Fault::pass().set("content-length", "300001"));
    assert!(registry.connect().send("GET", &target, &[], b"").is_err());
    script(Fault::pass().remove("content-length").cut(300_000, Cut::Close));
    let error = registry.connect().send("GET", &target, &[], b"").expect_err("no last chunk");
    assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "it is about time")]
fn answers_are_late_slow_or_never_there() {
    let registry = start();
    let script = |fault: Fault| registry.server().script(When::any().first(1), fault);
    let took = |fault: Fault| {
        script(fault);
        let start = SystemTime::now();
        assert_eq!(registry.get("/v2/").text(), "{}");
        start.elapsed().expect("time goes on")
    };
    assert!(took(Fault::pass().delay(SOON)) >= SOON);
    assert!(took(Fault::pass().delay_response(SOON)) >= SOON);
    assert!(took(Fault::pass().throttle(1, SOON)) >= SOON);
    script(Fault::hang());
    let mut connection = registry.connect();
    connection.set_patience(SOON);
    assert!(connection.send("GET", "/v2/", &[], b"").is_err());
}

#[test]
fn headers_can_be_anything() {
    let registry = start();
    let fault = Fault::pass()
        .set("x-bytes", [0xff, 0xfe])
        .remove("docker-distribution-api-version")
        .map("content-type", |old| old.replace("json", "xml"))
        .set("www-authenticate", "Bearer realm=\"http://169.254.169.254/\"");
    registry.server().script(When::any().first(1), fault);
    let mut connection = registry.connect();
    connection.write_head("GET", "/v2/", &[], Some(0)).expect("writes");
    // Not UTF-8: this client cannot read it as text.
    assert!(connection.read_head().is_err());
    registry
        .server()
        .script(When::any().first(1), Fault::challenge(["Basic realm=x", "Bearer realm=\"y\""]));
    let answer = registry.get("/v2/");
    let challenges: Vec<&str> = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "www-authenticate")
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(challenges, ["Basic realm=x", "Bearer realm=\"y\""]);
}

#[test]
fn raw_bytes_come_as_they_are() {
    let registry = start();
    let raw = "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(3) + "HTTP/1.1 200 OK\r\n\r\n";
    registry.server().script(When::any().first(1), Fault::raw(raw));
    let mut connection = registry.connect();
    connection.write_head("GET", "/v2/", &[], Some(0)).expect("writes");
    for status in [103, 103, 103, 200] {
        assert_eq!(connection.read_head().expect("a head").status, status);
    }
    assert!(connection.is_closed());
}

#[test]
fn redirects_lead_to_other_servers() {
    let storage = start();
    let registry = start();
    let bytes = b"from elsewhere";
    let digest = registry.push_blob("a", bytes);
    storage.push_blob("a", bytes);
    let url = storage.server().url();
    registry.server().script(When::get(Endpoint::Blob), Fault::redirect_to(307, &url));
    let target = format!("/v2/a/blobs/{digest}?x=%2F");
    let answer = registry.get(&target);
    assert_eq!(answer.status, 307);
    let location = answer.header("location").expect("a location");
    assert_eq!(location, format!("{url}{target}"));
    assert_eq!(storage.get(&location[url.len()..]).body, bytes);
}

#[test]
fn a_server_without_a_store_does_as_it_is_told() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("starts");
    let bare = runtime.block_on(oci_registry_faults::Server::builder().start()).expect("starts");
    let mut connection = Connection::to(bare.addr());
    assert_eq!(connection.send("GET", "/v2/", &[], b"").expect("answers").status, 404);
    bare.script(When::any(), Fault::respond(|seen| Reply::new(200).body(seen.target())));
    let answer = connection.send("GET", "/any?thing", &[], b"").expect("answers");
    assert_eq!((answer.status, answer.text().as_str()), (200, "/any?thing"));
    runtime.block_on(bare.shutdown());
}

#[test]
fn doors_end_connections_before_a_request() {
    let registry = start_with(|builder| {
        builder
            .door(Times::Nth(1), Door::Reset)
            .door(Times::Nth(2), Door::Close)
            .door(
                Times::Nth(3),
                Door::Raw(b"HTTP/1.0 400 Client sent to the wrong port\r\n\r\n"[..].into()),
            )
            .door(Times::Nth(4), Door::Delay(SOON))
            .door(Times::Nth(5), Door::Hang)
    });
    for _ in 0..2 {
        assert!(registry.connect().send("GET", "/v2/", &[], b"").is_err());
    }
    let mut third = registry.connect();
    third.write_head("GET", "/v2/", &[], Some(0)).expect("writes");
    assert_eq!(third.read_head().expect("a head").status, 400);
    assert_eq!(registry.get("/v2/").status, 200);
    let mut fifth = registry.connect();
    fifth.set_patience(SOON);
    assert!(fifth.send("GET", "/v2/", &[], b"").is_err());
    assert_eq!(registry.get("/v2/").status, 200);
    assert_eq!(registry.server().counters().connections(), 6);
}

#[test]
fn the_gauge_knows_how_many_were_in_flight() {
    let registry = start();
    registry.server().script(When::any(), Fault::pass().delay(SOON));
    std::thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| assert_eq!(registry.get("/v2/").status, 200));
        }
    });
    let counters = registry.server().counters();
    assert_eq!((counters.requests(), counters.peak_in_flight()), (5, 5));
    let most = registry.server().requests().iter().map(|request| request.seen.in_flight).max();
    assert_eq!(most, Some(5));
}

#[test]
fn the_proxy_leads_to_this_machine_for_those_who_may() {
    let registry = start();
    let host = registry.server().addr().to_string();
    let proxy = registry.runtime.block_on(Proxy::start(Some("user:password"))).expect("starts");
    let addr = proxy.url()["http://".len()..].parse().expect("an address");
    let whole = format!("http://{host}/v2/");
    let mut connection = Connection::to(addr);
    let answer = connection.send("GET", &whole, &[], b"").expect("answers");
    assert_eq!((answer.status, answer.header("proxy-authenticate").is_some()), (407, true));
    let shown = [("Proxy-Authorization", "Basic dXNlcjpwYXNzd29yZA==")];
    let answer = Connection::to(addr).send("GET", &whole, &shown, b"").expect("answers");
    assert_eq!(answer.status, 200);
    let mut tunnel = Connection::to(addr);
    tunnel.write_head("CONNECT", &host, &shown, Some(0)).expect("writes");
    assert_eq!(tunnel.read_head().expect("a head").status, 200);
    assert_eq!(tunnel.send("GET", "/v2/", &[], b"").expect("answers").status, 200);
    assert_eq!(proxy.heads().len(), 3);
}
