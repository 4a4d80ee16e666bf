// SPDX-License-Identifier: Apache-2.0
//! Tests of access, as tables: each method of each place, with each state of a credential, under
//! each scheme (SV-1, SV-2).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_registry_server::{Access, Accounts, Bearer, Clock, Rights};

use crate::client::{Answer, Fixture, start_with};

/// The permission that a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Any,
    Catalog,
    Pull,
    Push,
    Delete,
}

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// Every method of every place.
fn requests() -> Vec<(&'static str, String, Need)> {
    let (blob, manifest) = (format!("/v2/a/blobs/{DIGEST}"), "/v2/a/manifests/v1".to_owned());
    let upload = "/v2/a/blobs/uploads/6f1c".to_owned();
    let referrers = format!("/v2/a/referrers/{DIGEST}");
    let mut all = vec![("POST", "/v2/a/blobs/uploads/".to_owned(), Need::Push)];
    for method in ["GET", "HEAD"] {
        all.push((method, "/v2/".to_owned(), Need::Any));
        all.push((method, "/v2/_catalog".to_owned(), Need::Catalog));
        all.push((method, blob.clone(), Need::Pull));
        all.push((method, manifest.clone(), Need::Pull));
        all.push((method, "/v2/a/tags/list".to_owned(), Need::Pull));
        all.push((method, referrers.clone(), Need::Pull));
    }
    for method in ["GET", "PATCH", "PUT", "DELETE"] {
        all.push((method, upload.clone(), Need::Push));
    }
    all.push(("PUT", manifest.clone(), Need::Push));
    all.push(("DELETE", manifest, Need::Delete));
    all.push(("DELETE", blob, Need::Delete));
    all
}

fn accounts() -> Accounts {
    Accounts::new()
        .user("all", "secret", Rights::All)
        .and_then(|accounts| accounts.user("reader", "secret", Rights::Pull))
        .expect("two accounts")
}

fn basic(user_and_password: &str) -> String {
    format!("Basic {}", STANDARD.encode(user_and_password))
}

fn ask(registry: &Fixture, method: &str, target: &str, authorization: &[String]) -> Answer {
    let headers: Vec<(&str, &str)> =
        authorization.iter().map(|value| ("authorization", value.as_str())).collect();
    registry.send(method, target, &headers, b"")
}

/// Returns the outcome of a request: `in`, `403`, or `401` with the end of its challenge. Each 401
/// has a challenge of that scheme.
fn outcome(answer: &Answer, scheme: &str, what: &str) -> &'static str {
    let challenge = answer.header("www-authenticate");
    match answer.status {
        401 => {
            let challenge = challenge.unwrap_or_else(|| panic!("{what}: no challenge"));
            assert!(challenge.starts_with(&format!("{scheme} realm=\"")), "{what}: {challenge}");
            match challenge.rsplit_once("error=") {
                Some((_, "\"invalid_token\"")) => "401 invalid_token",
                Some((_, "\"insufficient_scope\"")) => "401 insufficient_scope",
                Some((_, other)) => panic!("{what}: {other}"),
                None => "401",
            }
        }
        403 => "403",
        _ => {
            assert_eq!(challenge, None, "{what}");
            "in"
        }
    }
}

/// Wrong and unreadable credentials: the same as far as the gate is concerned.
fn wrong() -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = [
        basic("all:wrong"),
        basic("all:"),
        basic("all"),
        basic("nobody:secret"),
        basic(":secret"),
        basic(":"),
        "Basic".to_owned(),
        "Basic !".to_owned(),
        format!("Basic {}", STANDARD.encode([0xff, b':', 0xff])),
        String::new(),
        "all:secret".to_owned(),
        "Digest username=\"all\"".to_owned(),
    ]
    .into_iter()
    .map(|value| vec![value])
    .collect();
    all.push(vec![basic("all:secret"), basic("all:secret")]);
    all
}

#[test]
fn basic_asks_who_is_there_before_it_refuses_anybody_sv_1_and_sv_2() {
    for anonymous in [Rights::None, Rights::Pull, Rights::All] {
        let access = Access::Basic(accounts().anonymous(anonymous));
        let registry = start_with(|b| b.access(access));
        let mut credentials = vec![
            (vec![], anonymous, "401"),
            (vec![basic("all:secret")], Rights::All, "403"),
            (vec![basic("reader:secret")], Rights::Pull, "403"),
            (vec!["Bearer token".to_owned()], Rights::None, "401"),
        ];
        credentials.extend(wrong().into_iter().map(|value| (value, Rights::None, "401")));
        for (method, target, need) in requests() {
            for (credential, rights, otherwise) in &credentials {
                let is_enough = match (rights, need) {
                    (Rights::All, _) => true,
                    (Rights::Pull, need) => !matches!(need, Need::Push | Need::Delete),
                    _ => false,
                };
                let expected = if is_enough { "in" } else { otherwise };
                let what = format!("{anonymous:?} {method} {target} {credential:?}");
                let answer = ask(&registry, method, &target, credential);
                assert_eq!(outcome(&answer, "Basic", &what), expected, "{what}");
            }
        }
    }
}

/// A token for these scopes.
fn token(registry: &Fixture, user: Option<&str>, scopes: &[&str]) -> Vec<String> {
    let target = format!("/token?scope={}", scopes.join("&scope="));
    let answer = ask(registry, "GET", &target, &user.map(basic).into_iter().collect::<Vec<_>>());
    assert_eq!(answer.status, 200, "{answer:?}");
    vec![format!("Bearer {}", answer.json()["token"].as_str().expect("a token"))]
}

#[test]
fn bearer_asks_for_what_is_missing_sv_1_and_sv_2() {
    use Need::{Any, Catalog, Delete, Pull, Push};
    for anonymous in [Rights::None, Rights::Pull] {
        let clock = Clock::manual(Duration::from_secs(1_700_000_000));
        let bearer = || Access::Bearer(Bearer::new(accounts().anonymous(anonymous)));
        let registry = start_with(|b| b.access(bearer()).clock(clock.clone()));
        let other = start_with(|b| b.access(bearer()).clock(clock.clone()));
        let all = ["repository:a:*", "registry:catalog:*"];
        let ended = token(&registry, Some("all:secret"), &all);
        clock.advance(Duration::from_secs(300));
        let form = "grant_type=password&username=all&password=secret&access_type=offline";
        let refresh = registry.send("POST", "/token", &[], form.as_bytes()).json();
        let refresh = refresh["refresh_token"].as_str().expect("one").to_owned();
        let all_of_reader: &[Need] = &[Any, Catalog, Pull];
        let insufficient = "401 insufficient_scope";
        let mut credentials: Vec<(Vec<String>, &[Need], &str)> = vec![
            (vec![], &[], "401"),
            (vec![basic("all:secret")], &[], "401"),
            (
                token(&registry, Some("all:secret"), &all),
                &[Any, Catalog, Pull, Push, Delete],
                insufficient,
            ),
            (token(&registry, Some("reader:secret"), &all), all_of_reader, insufficient),
            (
                token(&registry, None, &all),
                if anonymous == Rights::Pull { all_of_reader } else { &[Any] },
                insufficient,
            ),
            (
                token(&registry, Some("all:secret"), &["repository:a:push"]),
                &[Any, Push],
                insufficient,
            ),
            (token(&registry, Some("all:secret"), &["repository:b:*"]), &[Any], insufficient),
            (token(&registry, Some("all:secret"), &[]), &[Any], insufficient),
            (ended, &[], "401 invalid_token"),
            (token(&other, Some("all:secret"), &all), &[], "401 invalid_token"),
            (vec![format!("Bearer {refresh}")], &[], "401 invalid_token"),
            (vec!["Bearer made-up".to_owned()], &[], "401 invalid_token"),
            (vec!["Bearer .".to_owned()], &[], "401 invalid_token"),
        ];
        credentials.extend(wrong().into_iter().map(|value| (value, &[][..], "401")));
        for (method, target, need) in requests() {
            for (credential, enough_for, otherwise) in &credentials {
                let expected = if enough_for.contains(&need) { "in" } else { otherwise };
                let what = format!("{anonymous:?} {method} {target} {credential:?}");
                let answer = ask(&registry, method, &target, credential);
                assert_eq!(outcome(&answer, "Bearer", &what), expected, "{what}");
            }
        }
        for credential in wrong() {
            let answer = ask(&registry, "GET", "/token?scope=repository:a:pull", &credential);
            assert_eq!(answer.status, 401, "no token for {credential:?}");
        }
    }
}
