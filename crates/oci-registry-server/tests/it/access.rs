// SPDX-License-Identifier: Apache-2.0
//! Authentication.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_artifact::digest;
use oci_registry_server::{Access, Accounts, Bearer, Clock, Rights};

use crate::client::{Answer, Fixture, start_with};

fn accounts() -> Accounts {
    Accounts::new().user("alice", "pass:word", Rights::All).user("bob", "b", Rights::Pull)
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

#[test]
fn anonymous_users_may_do_what_they_are_given() {
    let registry = start_with(|b| b.access(Access::Basic(accounts().anonymous(Rights::Pull))));
    assert_eq!(registry.get("/v2/").status, 200);
    assert_eq!(registry.get("/v2/a/tags/list").status, 404);
    assert_eq!(registry.send("POST", "/v2/a/blobs/uploads/", &[], b"").status, 403);
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
    let realm = "Bearer realm=\"http://registry.test/token\",service=\"oci-registry-server\"";
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
fn bearer_tokens_are_good_for_their_scopes_and_their_time() {
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
fn a_mount_needs_the_right_to_read_its_source() {
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
