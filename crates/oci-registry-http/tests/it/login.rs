// SPDX-License-Identifier: Apache-2.0
//! R-91, R-94: whether credentials are right is found out also where the base is open, and those that
//! cannot be used are named.

use std::sync::{Arc, Mutex};

use oci_registry_faults::{Access, Accounts, Bearer, Builder, Endpoint, Rights};
use oci_registry_faults::{Fault, When};
use oci_registry_http::auth::credential::{Credential, CredentialStore, Presence};
use oci_registry_http::{Checked, Result};

use crate::support::{CANARY, Lab};

async fn check(lab: &Lab, password: &str) -> Result<Checked> {
    let credential = Credential::basic("ci", password).expect("fine");
    let store = CredentialStore::new().with_credential_for_all(credential);
    let client = lab.fresh_client(|client| client.credentials(store));
    client.check_auth(&lab.server.addr().to_string()).await
}

#[tokio::test]
async fn a_wrong_password_is_found_where_the_base_is_open_r_91() {
    let accounts = || {
        let accounts = Accounts::new().user("ci", CANARY, Rights::All).expect("an account");
        accounts.anonymous(Rights::Pull)
    };
    type Change = Box<dyn Fn(Builder) -> Builder>;
    let registries: [(&str, Change); 2] = [
        ("basic", Box::new(move |server| server.access(Access::Basic(accounts())))),
        ("bearer", Box::new(move |server| server.access(Access::Bearer(Bearer::new(accounts()))))),
    ];
    for (name, change) in &registries {
        let lab = Lab::with(change, |client| client).await;
        lab.server.script(When::get(Endpoint::Base).without_header("authorization"), {
            Fault::reply(oci_registry_faults::Reply::new(200).json("{}"))
        });
        assert_eq!(check(&lab, CANARY).await.expect(name), Checked::Accepted, "{name}");
        let error = check(&lab, "wrong").await.expect_err(name);
        assert!(error.is_auth(), "{name}: {error}");
    }
}

#[tokio::test]
async fn what_asks_for_the_password_is_looked_for_without_changing_anything_r_91() {
    use base64::Engine;
    let right = base64::prelude::BASE64_STANDARD.encode(format!("ci:{CANARY}"));
    let asks = [
        When::get(Endpoint::Base).with_header("authorization"),
        When::any().matching(|seen| seen.path == "/v2/_catalog"),
        When::method("DELETE"),
    ];
    for when in asks {
        let lab = Lab::open().await;
        let right = format!("Basic {right}");
        let name = format!("{when:?}");
        let refused =
            when.matching(move |seen| seen.header("authorization") != Some(right.as_str()));
        lab.server.script(refused, Fault::challenge(["Basic realm=\"r\""]));
        let error = check(&lab, "wrong").await.expect_err(&name);
        assert!(error.is_auth(), "{name}: {error}");
        check(&lab, CANARY).await.expect(&name);
        let wrote = |method: &str| lab.log().iter().any(|line| line.starts_with(method));
        assert!(!wrote("POST") && !wrote("PUT") && !wrote("PATCH"), "{:?}", lab.log());
    }
}

#[tokio::test]
async fn a_registry_that_asks_for_nothing_tells_nothing_r_91() {
    let lab = Lab::open().await;
    assert_eq!(check(&lab, "whatever").await.expect("it is open"), Checked::Unasked);
}

#[tokio::test]
async fn credentials_that_cannot_be_used_are_named_in_a_warning_and_in_the_error_r_94() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("config.json");
    let accounts = || Accounts::new().user("ci", CANARY, Rights::All).expect("an account");
    let bearer = || Access::Bearer(Bearer::new(accounts()));
    for (access, is_push) in [(Access::Basic(accounts()), false), (bearer(), true)] {
        let lab = Lab::with(|server| server.access(access), |client| client).await;
        let host = lab.server.addr();
        for (config, problem) in [
            (format!(r#"{{"auths":{{"{host}":{{"auth":"%%%"}}}}}}"#), "it is not base64"),
            (
                format!(r#"{{"auths":{{"{host}":{{"auth":7}}}}}}"#),
                "its values do not have the types of an entry",
            ),
            (r#"{"credsStore":"gone"}"#.to_owned(), "is not installed"),
            (format!(r#"{{"credHelpers":{{"{host}":"gone"}}}}"#), "is not installed"),
        ] {
            std::fs::write(&file, &config).expect("fine");
            let warned = Arc::new(Mutex::new(Vec::new()));
            let ear = Arc::clone(&warned);
            let store = CredentialStore::new().with_file(&file, Presence::Required);
            let client = lab.fresh_client(|client| {
                let hear = move |text: &str| ear.lock().expect("fine").push(text.to_owned());
                client.credentials(store).on_warning(Arc::new(hear))
            });
            let repository = crate::support::repository(&client, &lab.server, "x");
            let error = match is_push {
                false => repository.tags().await.expect_err("no credentials"),
                true => {
                    let source = Arc::new(bytes::Bytes::from_static(b"x"));
                    let blob = crate::support::blob(b"x");
                    let sent = repository.put_blob(&blob, source, &Default::default()).await;
                    sent.expect_err("no credentials")
                }
            };
            let help = error.help().map(ToString::to_string).unwrap_or_default();
            let path = file.display().to_string();
            assert!(help.contains(problem) && help.contains(&path), "{config}: {error} {help}");
            let warned = warned.lock().expect("fine").clone();
            assert_eq!(warned.len(), 1, "{warned:?}");
            assert!(warned[0].contains(problem) && warned[0].contains(&path), "{warned:?}");
        }
        // What is wrong with a whole file, or a name that no helper has, ends it, and names the file.
        for config in [r#"{"credsStore":"../evil"}"#, r#"{"auths":5}"#, "{"] {
            std::fs::write(&file, config).expect("fine");
            let store = CredentialStore::new().with_file(&file, Presence::Required);
            let client = lab.fresh_client(|client| client.credentials(store));
            let error = crate::support::repository(&client, &lab.server, "x").tags().await;
            let error = error.expect_err(config);
            assert!(error.to_string().contains(&file.display().to_string()), "{error}");
        }
    }
}
