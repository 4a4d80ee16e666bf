// SPDX-License-Identifier: Apache-2.0
//! F-35 to F-45: credential helpers, which here are shell scripts.
#![cfg(unix)]

use std::path::Path;
use std::time::Duration;

use oci_registry_http::auth::credential::{
    Credential, CredentialSource, CredentialStore, Presence,
};
use oci_registry_http::auth::helper::Helper;
use oci_registry_http::auth::login::{Kept, login, logout};
use oci_registry_http::{ErrorKind, Result};
use tempfile::TempDir;
use test_support::tools::write_program;
use tokio::time::Instant;

struct Desk {
    directory: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn helper(&self, name: &str, script: &str) {
        let path = self.path().join(format!("docker-credential-{name}"));
        write_program(&path, format!("#!/bin/sh\n{script}\n").as_bytes());
    }

    fn config(&self, json: &str) -> CredentialStore {
        let path = self.path().join("config.json");
        std::fs::write(&path, json).expect("fine");
        CredentialStore::new()
            .with_search_path(vec![self.path().to_owned()])
            .with_helper_timeout(Duration::from_millis(400))
            .with_file(path, Presence::Required)
    }
}

async fn user(store: &CredentialStore, registry: &str) -> Result<Option<String>> {
    Ok(store.lookup(registry, "x").await?.map(|found| match found.credential {
        Credential::Basic { username, .. } => username,
        _ => "<token>".to_owned(),
    }))
}

const GIVE: &str = r#"read -r server; echo "{\"ServerURL\":\"$server\",\"Username\":\"u-${server#https://}\",\"Secret\":\"canary\"}""#;

#[tokio::test]
async fn the_order_within_a_file_f_35_f_36() {
    let desk = Desk::new();
    desk.helper("one", &GIVE.replace("u-", "one-"));
    desk.helper("all", &GIVE.replace("u-", "all-"));
    let store = desk.config(
        r#"{"credHelpers":{"a.io":"one"},"credsStore":"all","auths":{"a.io":{"username":"file","password":"p"},"b.io":{},"c.io":{"username":"file","password":"p"}}}"#,
    );
    assert_eq!(user(&store, "a.io").await.expect("fine").as_deref(), Some("one-a.io"));
    assert_eq!(user(&store, "b.io").await.expect("fine").as_deref(), Some("all-b.io"));
    assert_eq!(user(&store, "c.io").await.expect("fine").as_deref(), Some("all-c.io"));
    let hub = user(&store, "docker.io").await.expect("fine");
    assert_eq!(hub.as_deref(), Some("all-index.docker.io/v1/"));
}

#[tokio::test]
async fn a_missing_helper_gives_nobody_elses_secret_f_37() {
    let desk = Desk::new();
    let store =
        desk.config(r#"{"credsStore":"gone","auths":{"a.io":{"username":"file","password":"p"}}}"#);
    assert_eq!(user(&store, "a.io").await.expect("fine").as_deref(), Some("file"));
    assert_eq!(user(&store, "b.io").await.expect("anonymous"), None);
    let credential = Credential::basic("u", "p").expect("fine");
    let stored = Helper::default().store("gone", "a.io", &credential).await;
    assert_eq!(stored.expect_err("writing needs it").kind(), ErrorKind::Credentials);
}

#[tokio::test]
async fn what_helpers_say_f_38_f_40() {
    let desk = Desk::new();
    let store = |script: &str| {
        desk.helper("h", script);
        desk.config(r#"{"credsStore":"h"}"#)
    };
    let nothing = "echo 'credentials not found in native keychain'; exit 1";
    assert_eq!(user(&store(nothing), "a.io").await.expect("fine"), None);
    for script in [
        "echo canary; echo canary >&2; exit 1",
        "echo canary",
        r#"echo '{"Username":"a:canary","Secret":"canary"}'"#,
        "head -c 10485760 /dev/zero",
        "exit 3",
    ] {
        let error = user(&store(script), "a.io").await.expect_err(script);
        assert_eq!(error.kind(), ErrorKind::Credentials);
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
    assert_eq!(
        user(&store(r#"echo '{"Username":"","Secret":""}'"#), "a.io").await.expect("fine"),
        None
    );
    let token = store(r#"echo '{"Username":"<token>","Secret":"canary"}'"#);
    assert_eq!(user(&token, "a.io").await.expect("fine").as_deref(), Some("<token>"));
}

#[tokio::test]
async fn a_helper_that_hangs_is_killed_f_39() {
    let desk = Desk::new();
    let pid = desk.path().join("pid");
    desk.helper("h", &format!("echo $$ > {}; exec sleep 60", pid.display()));
    let store = desk.config(r#"{"credsStore":"h"}"#);
    let start = Instant::now();
    let error = user(&store, "a.io").await.expect_err("it hangs");
    assert!(error.to_string().contains("in time") && start.elapsed() < Duration::from_secs(20));
    let number = std::fs::read_to_string(&pid).expect("it ran");
    for _ in 0..100 {
        let stat =
            std::fs::read_to_string(format!("/proc/{}/stat", number.trim())).unwrap_or_default();
        if stat.is_empty() || stat.contains(") Z ") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the helper still runs");
}

#[tokio::test]
async fn names_that_no_helper_has_f_41() {
    let desk = Desk::new();
    for name in ["../evil", "a/b", "a b", "-x", "x;y", "x\\ny"] {
        let store = desk.config(&format!(r#"{{"credsStore":"{name}"}}"#));
        assert!(user(&store, "a.io").await.is_err(), "{name}");
    }
    let credential = Credential::basic("u", "p").expect("fine");
    let file = desk.path().join("config.json");
    let helpers = Helper { search_path: vec![desk.path().to_owned()], ..Helper::default() };
    for registry in ["a.io\nhost=b.io", "a.io/x", "https://a.io", ""] {
        assert!(login(&file, &helpers, registry, &credential).await.is_err(), "{registry}");
    }
}

#[tokio::test]
async fn thirty_at_once_run_it_once_f_45() {
    let desk = Desk::new();
    let runs = desk.path().join("runs");
    desk.helper("h", &format!("echo x >> {}; sleep 0.1; {GIVE}", runs.display()));
    let store = desk.config(r#"{"credsStore":"h"}"#).with_helper_timeout(Duration::from_secs(20));
    let all = (0..30).map(|_| user(&store, "a.io"));
    for found in futures_util::future::join_all(all).await {
        assert_eq!(found.expect("fine").as_deref(), Some("u-a.io"));
    }
    assert_eq!(std::fs::read_to_string(runs).expect("it ran").lines().count(), 1);
}

#[tokio::test]
async fn logout_says_where_there_was_something_f_46() {
    let desk = Desk::new();
    desk.helper("h", "echo credentials not found in native keychain; exit 1");
    let _ = desk.config(r#"{"credsStore":"h","auths":{"https://a.io/":{},"a.io/x":{}}}"#);
    let file = desk.path().join("config.json");
    let helpers = Helper { search_path: vec![desk.path().to_owned()], ..Helper::default() };
    let done = logout(&file, &helpers, "a.io").await.expect("fine");
    assert_eq!(done.forgotten, [Kept::File(file.clone())], "an entry without a secret, too");
    let left = std::fs::read_to_string(&file).expect("there");
    assert!(left.contains("a.io/x") && !left.contains("https://a.io"), "{left}");
    let done = logout(&file, &helpers, "a.io").await.expect("fine");
    assert_eq!((done.forgotten.len(), done.looked_in.len()), (0, 2));
}

#[tokio::test]
async fn files_that_are_missing_f_43() {
    let desk = Desk::new();
    let path = desk.path().join("none.json");
    let optional = CredentialStore::new().with_file(&path, Presence::Optional);
    assert_eq!(user(&optional, "a.io").await.expect("fine"), None);
    let required = CredentialStore::new().with_file(&path, Presence::Required);
    assert_eq!(user(&required, "a.io").await.expect_err("named").kind(), ErrorKind::Credentials);
    std::fs::write(&path, vec![b' '; 5 << 20]).expect("fine");
    assert!(user(&optional, "a.io").await.is_err(), "F-34: 5 MiB");
}

#[tokio::test]
async fn login_uses_the_helper_that_the_file_names_f_46() {
    let desk = Desk::new();
    let said = desk.path().join("said");
    desk.helper("h", &format!("echo $1 >> {0}; cat >> {0}; echo >> {0}", said.display()));
    let _ = desk.config(r#"{"credsStore":"h"}"#);
    let file = desk.path().join("config.json");
    let helpers = Helper { search_path: vec![desk.path().to_owned()], ..Helper::default() };
    let credential = Credential::basic("u", "canary").expect("fine");
    let kept = login(&file, &helpers, "a.io", &credential).await.expect("fine");
    assert_eq!(kept, Kept::Helper("h".into()));
    let done = logout(&file, &helpers, "a.io").await.expect("fine");
    assert_eq!(done.forgotten, [Kept::Helper("h".into())]);
    assert_eq!(done.looked_in, [Kept::Helper("h".into()), Kept::File(file.clone())]);
    let said = std::fs::read_to_string(said).expect("it ran");
    assert!(said.contains(r#"{"ServerURL":"a.io","Username":"u","Secret":"canary"}"#), "{said}");
    assert!(said.ends_with("erase\na.io\n"), "{said}");
    assert!(!std::fs::read_to_string(file).expect("there").contains("canary"));
}
