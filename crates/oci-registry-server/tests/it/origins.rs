// SPDX-License-Identifier: Apache-2.0
//! Tests that web pages cannot make a browser change a registry on this machine (SV-10, SV-11).

use oci_registry_faults::Authority;
use oci_registry_server::{Access, Accounts, Rights};

use crate::client::{Answer, Connection, Fixture, start, start_with};

/// A request with exactly these lines between request line and end.
fn send(registry: &Fixture, request_line: &str, lines: &[&str]) -> Answer {
    let mut connection: Connection = registry.connect();
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    let text = format!("{request_line}\r\n{lines}connection: close\r\ncontent-length: 0\r\n\r\n");
    connection.write(text.as_bytes()).expect("writes");
    let method = request_line.split(' ').next().expect("a method");
    connection.read_answer(method).expect("answers")
}

const BASE: &str = "GET /v2/ HTTP/1.1";
const BEGIN: &str = "POST /v2/a/blobs/uploads/ HTTP/1.1";

#[test]
fn an_open_registry_on_loopback_answers_to_this_machines_names_only_sv_10() {
    let registry = start();
    for host in ["localhost", "localhost:5000", "127.0.0.1", "[::1]:1", "x.localhost"] {
        assert_eq!(send(&registry, BASE, &[&format!("host: {host}")]).status, 200, "{host}");
    }
    let foreign =
        ["evil.example", "evil.example:5000", "localhost.evil.example", "0.0.0.0", "a@127.0.0.1"];
    let digest = format!("sha256:{}", "a".repeat(64));
    for host in foreign {
        let line = format!("host: {host}");
        for request in [
            BASE.to_owned(),
            BEGIN.to_owned(),
            "GET /v2/_catalog HTTP/1.1".to_owned(),
            "GET /v2/a/tags/list HTTP/1.1".to_owned(),
            "PUT /v2/a/manifests/v1 HTTP/1.1".to_owned(),
            "DELETE /v2/a/manifests/v1 HTTP/1.1".to_owned(),
            format!("GET /v2/a/blobs/{digest} HTTP/1.1"),
            "GET /token HTTP/1.1".to_owned(),
            "GET /nothing HTTP/1.1".to_owned(),
            "BREW /v2/ HTTP/1.1".to_owned(),
        ] {
            let answer = send(&registry, &request, &[&line]);
            assert_eq!((answer.status, answer.code()), (421, "DENIED".into()), "{host} {request}");
        }
        // In the target, where it counts for more than the header.
        let target = format!("GET http://{host}/v2/ HTTP/1.1");
        assert_eq!(send(&registry, &target, &["host: localhost"]).status, 421, "{host}");
    }
    assert_eq!(send(&registry, BASE, &[]).status, 400);
    assert_eq!(send(&registry, BASE, &["host: localhost", "host: evil.example"]).status, 400);
    assert_eq!(send(&registry, BASE, &["host: "]).status, 421);
}

#[test]
fn other_hosts_are_answered_where_somebody_said_so_sv_10() {
    let accounts = || Accounts::new().user("u", "p", Rights::All).expect("an account");
    let line = "host: registry.example:5000";
    let registry = start_with(|b| b.host("registry.example"));
    assert_eq!(send(&registry, BASE, &[line]).status, 200);
    assert_eq!(send(&registry, BASE, &["host: sub.registry.example"]).status, 421);
    let registry = start_with(|b| b.access(Access::Basic(accounts())));
    assert_eq!(send(&registry, BASE, &[line]).status, 401);
    let registry = start_with(|b| b.addr(([0, 0, 0, 0], 0).into()));
    assert_eq!(send(&registry, BASE, &[line]).status, 200);
}

#[test]
fn over_tls_the_certificate_says_who_it_is_sv_10() {
    let authority = Authority::new().expect("makes one");
    let tls = authority.server(&["localhost"]).expect("makes one");
    let registry = start_with(|b| b.tls(tls));
    assert!(registry.server().url().starts_with("https://"));
    let mut client = crate::tls::connect(&registry, &authority, None, &[]).expect("shakes hands");
    let answer = crate::tls::base(&mut client, "registry.example").expect("answers");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[test]
fn pages_of_other_sites_change_nothing_sv_11() {
    let open = start();
    let accounts = Accounts::new().anonymous(Rights::All);
    let basic = start_with(|b| b.access(Access::Basic(accounts)));
    let all = start_with(|b| b.addr(([0, 0, 0, 0], 0).into()));
    for registry in [&open, &basic, &all] {
        let own = "host: localhost:5000";
        let foreign = [
            "origin: http://evil.example",
            "origin: https://localhost.evil.example:5000",
            "origin: http://localhost:5001",
            "origin: http://localhost",
            "origin: null",
            "origin: ",
            "sec-fetch-site: cross-site",
            "sec-fetch-site: same-site",
            "sec-fetch-site: else",
        ];
        for line in foreign {
            for request in [
                BEGIN,
                "PUT /v2/a/manifests/v1 HTTP/1.1",
                "DELETE /v2/a/manifests/v1 HTTP/1.1",
                "PATCH /v2/a/blobs/uploads/x HTTP/1.1",
                "POST /token HTTP/1.1",
            ] {
                let answer = send(registry, request, &[own, line]);
                assert_eq!((answer.status, answer.code()), (403, "DENIED".into()), "{line}");
            }
            // Reading is harmless: the browser shows it to no other site.
            let answer = send(registry, BASE, &[own, line]);
            assert_eq!(answer.status, 200, "{line}");
            assert_eq!(answer.header("access-control-allow-origin"), None);
        }
        for lines in [
            &[own][..],
            &[own, "origin: http://localhost:5000"],
            &[own, "origin: http://LOCALHOST:5000", "sec-fetch-site: same-origin"],
            &[own, "sec-fetch-site: none"],
        ] {
            assert_eq!(send(registry, BEGIN, lines).status, 202, "{lines:?}");
        }
    }
}
