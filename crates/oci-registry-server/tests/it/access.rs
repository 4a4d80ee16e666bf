// SPDX-License-Identifier: Apache-2.0
//! Tests of authentication.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_artifact::digest;
use oci_registry_server::{Access, Accounts, Bearer, Clock, Rights};

use crate::client::{Answer, Fixture, start_with};

fn accounts() -> Accounts {
    Accounts::new()
        .user("alice", "pass:word", Rights::All)
        .and_then(|accounts| accounts.user("bob", "b", Rights::Pull))
        .expect("two accounts")
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn send(registry: &Fixture, method: &str, target: &str, authorization: &str) -> Answer {
    registry.send(method, target, &[("authorization", authorization)], b"")
}

#[test]
fn basic_asks_for_user_and_password() {
    let registry = start_with(|b| b.access(Access::Basic(accounts())));
    let answer = registry.get("/v2/");
    assert_eq!((answer.status, answer.code()), (401, "UNAUTHORIZED".into()));
    assert!(answer.header("www-authenticate").expect("a challenge").starts_with("Basic realm="));
    for bad in [&basic("alice", "wrong"), &basic("eve", "x"), "Basic !", "Bearer x", "Basic", ""] {
        assert_eq!(send(&registry, "GET", "/v2/", bad).status, 401, "{bad}");
    }
    let (alice, bob) = (basic("alice", "pass:word"), basic("bob", "b"));
    assert_eq!(send(&registry, "GET", "/v2/", &alice).status, 200);
    assert_eq!(send(&registry, "POST", "/v2/a/blobs/uploads/", &alice).status, 202);
    assert_eq!(send(&registry, "GET", "/v2/", &bob).status, 200);
    let answer = send(&registry, "POST", "/v2/a/blobs/uploads/", &bob);
    assert_eq!((answer.status, answer.code()), (403, "DENIED".into()));
}

fn token(registry: &Fixture, query: &str, authorization: &str) -> serde_json::Value {
    let answer = send(registry, "GET", &format!("/token?{query}"), authorization);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn bearer(json: &serde_json::Value) -> String {
    format!("Bearer {}", json["token"].as_str().expect("a token"))
}

#[test]
fn bearer_challenges_name_realm_service_and_scope() {
    let registry = start_with(|b| b.access(Access::Bearer(Bearer::new(accounts()))));
    let challenge = |method: &str, target: &str| {
        let answer = registry.send(method, target, &[], b"");
        assert_eq!(answer.status, 401);
        answer.header("www-authenticate").expect("a challenge").to_owned()
    };
    let realm = "Bearer realm=\"http://localhost/token\",service=\"oci-registry-server\"";
    assert_eq!(challenge("GET", "/v2/"), realm);
    assert_eq!(
        challenge("GET", "/v2/a/b/manifests/x"),
        format!("{realm},scope=\"repository:a/b:pull\"")
    );
    assert_eq!(
        challenge("POST", "/v2/a/blobs/uploads/"),
        format!("{realm},scope=\"repository:a:pull,push\"")
    );
    assert_eq!(
        challenge("DELETE", "/v2/a/manifests/x"),
        format!("{realm},scope=\"repository:a:delete\"")
    );
    assert_eq!(challenge("GET", "/v2/_catalog"), format!("{realm},scope=\"registry:catalog:*\""));
}

#[test]
fn bearer_tokens_are_good_for_their_scopes_and_their_time_sv_5() {
    let clock = Clock::manual(Duration::from_secs(1_700_000_000));
    let access = Access::Bearer(Bearer::new(accounts()));
    let registry = start_with(|b| b.access(access).clock(clock.clone()));
    let alice = basic("alice", "pass:word");
    let json = token(&registry, "service=x&scope=repository:a:pull,push", &alice);
    assert_eq!(json["token"], json["access_token"]);
    assert_eq!(json["expires_in"], 300);
    assert_eq!(json["issued_at"], "2023-11-14T22:13:20Z");
    assert!(json.get("refresh_token").is_none());
    let good = bearer(&json);
    assert_eq!(send(&registry, "GET", "/v2/", &good).status, 200);
    assert_eq!(send(&registry, "POST", "/v2/a/blobs/uploads/", &good).status, 202);
    for (method, target) in
        [("POST", "/v2/b/blobs/uploads/"), ("DELETE", "/v2/a/manifests/x"), ("GET", "/v2/_catalog")]
    {
        let answer = send(&registry, method, target, &good);
        let challenge = answer.header("www-authenticate").expect("a challenge");
        assert!(challenge.ends_with("error=\"insufficient_scope\""), "{challenge}");
        assert_eq!(answer.status, 401);
    }
    clock.advance(Duration::from_secs(299));
    assert_eq!(send(&registry, "GET", "/v2/", &good).status, 200);
    clock.advance(Duration::from_secs(1));
    let answer = send(&registry, "GET", "/v2/", &good);
    assert!(answer.header("www-authenticate").expect("one").ends_with("error=\"invalid_token\""));
    assert_eq!(send(&registry, "GET", "/v2/", "Bearer made-up").status, 401);
}

#[test]
fn the_token_endpoint_gives_no_more_than_the_user_has() {
    let access = Access::Bearer(Bearer::new(accounts()));
    let registry = start_with(|b| b.access(access));
    let bob = basic("bob", "b");
    let json = token(&registry, "scope=repository:a:pull,push&scope=repository:b:pull", &bob);
    let bob = bearer(&json);
    assert_eq!(send(&registry, "GET", "/v2/a/manifests/x", &bob).status, 404);
    assert_eq!(send(&registry, "GET", "/v2/b/manifests/x", &bob).status, 404);
    assert_eq!(send(&registry, "POST", "/v2/a/blobs/uploads/", &bob).status, 401);
    // Nobody in particular gets a token that is good for nothing.
    let json = registry.get("/token?scope=repository:a:pull").json();
    assert_eq!(send(&registry, "GET", "/v2/a/manifests/x", &bearer(&json)).status, 401);
    assert_eq!(send(&registry, "GET", "/token", &basic("bob", "wrong")).status, 401);
}

#[test]
fn oauth_2_gives_tokens_for_passwords_and_for_refresh_tokens() {
    let access = Access::Bearer(Bearer::new(accounts()));
    let registry = start_with(|b| b.access(access));
    let post = |form: &str| {
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        registry.send("POST", "/token", &headers, form.as_bytes())
    };
    let scope = "scope=repository%3Aa%3Apull%2Cpush+repository%3Ab%3Apull";
    let form = format!(
        "grant_type=password&service=x&client_id=y&{scope}&username=alice&password=pass%3Aword&access_type=offline"
    );
    let json = post(&form).json();
    assert_eq!(send(&registry, "POST", "/v2/a/blobs/uploads/", &bearer(&json)).status, 202);
    assert_eq!(send(&registry, "GET", "/v2/b/tags/list", &bearer(&json)).status, 404);
    let refresh = json["refresh_token"].as_str().expect("one");
    let again = post(&format!("grant_type=refresh_token&{scope}&refresh_token={refresh}")).json();
    assert_eq!(send(&registry, "POST", "/v2/a/blobs/uploads/", &bearer(&again)).status, 202);
    assert_eq!(post("grant_type=refresh_token&refresh_token=x").status, 401);
    assert_eq!(post("grant_type=password&username=alice&password=x").status, 401);
    assert_eq!(post("grant_type=client_credentials").status, 400);
    assert_eq!(post(&"x".repeat(100_000)).status, 413);
}

#[test]
fn challenges_for_a_mount_name_both_repositories_the_target_first_sv_3() {
    let registry = start_with(|b| b.access(Access::Bearer(Bearer::new(accounts()))));
    let other = bearer(&token(&registry, "scope=repository:other:pull", &basic("bob", "b")));
    let digest = digest::sha256(b"hello");
    let target = "repository:mine:pull,push";
    for (query, scope) in [
        (format!("mount={digest}&from=its/source"), format!("{target} repository:its/source:pull")),
        (format!("from=its/source&mount={digest}"), format!("{target} repository:its/source:pull")),
        (format!("mount={digest}"), target.to_owned()),
        (format!("mount={digest}&from=mine"), target.to_owned()),
        ("from=its/source".to_owned(), target.to_owned()),
        // Nothing that is no name gets into a header.
        (format!("mount={digest}&from=a%22,scope=%22b"), target.to_owned()),
        (format!("mount={digest}&from=A"), target.to_owned()),
    ] {
        for (credential, error) in [("", ""), (other.as_str(), ",error=\"insufficient_scope\"")] {
            let headers = [("authorization", credential)];
            let headers = if credential.is_empty() { &headers[..0] } else { &headers[..] };
            let path = format!("/v2/mine/blobs/uploads/?{query}");
            let answer = registry.send("POST", &path, headers, b"");
            let challenge = answer.header("www-authenticate").expect("a challenge");
            let expected = format!(",scope=\"{scope}\"{error}");
            assert!(challenge.ends_with(&expected), "{query}: {challenge}");
        }
    }
    // With what the challenge names, the mount is made.
    let all = format!("scope={target}&scope=repository:its/source:pull,push");
    let token = bearer(&token(&registry, &all, &basic("alice", "pass:word")));
    let path = format!("/v2/its/source/blobs/uploads/?digest={digest}");
    let headers = [("authorization", token.as_str())];
    assert_eq!(registry.send("POST", &path, &headers, b"hello").status, 201);
    let path = format!("/v2/mine/blobs/uploads/?mount={digest}&from=its/source");
    assert_eq!(send(&registry, "POST", &path, &token).status, 201);
}

#[test]
fn no_number_of_tokens_keeps_others_from_theirs_sv_12() {
    let registry = start_with(|b| b.access(Access::Bearer(Bearer::new(accounts()))));
    let alice = basic("alice", "pass:word");
    let first = bearer(&token(&registry, "scope=repository:a:pull", &alice));
    let mut connection = registry.connect();
    for _ in 0..2_000 {
        let answer = connection.send("GET", "/token?scope=repository:a:pull", &[], b"");
        assert_eq!(answer.expect("answers").status, 200);
    }
    assert_eq!(send(&registry, "GET", "/v2/a/tags/list", &first).status, 404);
}

#[test]
fn scopes_past_the_limit_are_refused_before_a_token_is_made_sv_12() {
    let registry = start_with(|b| b.access(Access::Bearer(Bearer::new(accounts()))));
    let alice = basic("alice", "pass:word");
    let scopes = |count: usize, between: &str| {
        let all: Vec<String> = (0..count).map(|n| format!("repository:r{n}:pull,push")).collect();
        format!("scope={}", all.join(between))
    };
    for between in ["&scope=", "+", "%20"] {
        let good = bearer(&token(&registry, &scopes(32, between), &alice));
        assert_eq!(send(&registry, "GET", "/v2/r31/tags/list", &good).status, 404);
        let answer = send(&registry, "GET", &format!("/token?{}", scopes(33, between)), &alice);
        assert_eq!((answer.status, answer.code()), (400, "UNSUPPORTED".into()));
        let form = format!("grant_type=password&{}", scopes(1_500, between));
        assert_eq!(registry.send("POST", "/token", &[], form.as_bytes()).status, 400);
    }
    // The longest names there may be, in a token that still fits into a head.
    let name = |n: usize| format!("{}{n:02}", "x".repeat(253));
    let all: Vec<String> = (0..32).map(|n| format!("scope=repository:{}:*", name(n))).collect();
    let good = bearer(&token(&registry, &all.join("&"), &alice));
    let target = format!("/v2/{}/tags/list", name(31));
    assert_eq!(send(&registry, "GET", &target, &good).status, 404);
}

#[test]
fn refresh_tokens_end_and_getting_another_does_not_prolong_them_sv_13() {
    let clock = Clock::manual(Duration::from_secs(1_700_000_000));
    let mut bearer = Bearer::new(accounts());
    bearer.refresh_lifetime = Duration::from_secs(1_000);
    let registry = start_with(|b| b.access(Access::Bearer(bearer)).clock(clock.clone()));
    let post = |form: &str| registry.send("POST", "/token", &[], form.as_bytes());
    let refresh = |answer: Answer| answer.json()["refresh_token"].as_str().map(str::to_owned);
    let form = "grant_type=password&username=alice&password=pass%3Aword&access_type=offline";
    let first = refresh(post(form)).expect("one");
    clock.advance(Duration::from_secs(999));
    let again = |token: &str| post(&format!("grant_type=refresh_token&refresh_token={token}"));
    let second = refresh(again(&first)).expect("another");
    assert_eq!(again(&second).status, 200);
    clock.advance(Duration::from_secs(1));
    assert_eq!((again(&first).status, again(&second).status), (401, 401));
}

#[test]
fn a_mount_without_the_right_to_read_its_source_begins_an_upload_sv_4() {
    let access = Access::Bearer(Bearer::new(accounts()));
    let registry = start_with(|b| b.access(access));
    let alice = basic("alice", "pass:word");
    let all = "scope=repository:secret:pull,push&scope=repository:mine:pull,push";
    let both = bearer(&token(&registry, all, &alice));
    let one = bearer(&token(&registry, "scope=repository:mine:pull,push", &alice));
    let digest = digest::sha256(b"hello");
    let target = format!("/v2/secret/blobs/uploads/?digest={digest}");
    let headers = [("authorization", both.as_str())];
    assert_eq!(registry.send("POST", &target, &headers, b"hello").status, 201);
    for from in ["&from=secret", ""] {
        let target = format!("/v2/mine/blobs/uploads/?mount={digest}{from}");
        assert_eq!(send(&registry, "POST", &target, &one).status, 202, "{from}");
    }
    let target = format!("/v2/mine/blobs/uploads/?mount={digest}&from=secret");
    assert_eq!(send(&registry, "POST", &target, &both).status, 201);
}
