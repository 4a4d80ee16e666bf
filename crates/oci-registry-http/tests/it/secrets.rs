// SPDX-License-Identifier: Apache-2.0
//! F-121: planted secrets are looked for in everything that leaves: errors, debug output, logs, events,
//! and what other hosts see.

use std::fmt::Write;
use std::sync::{Arc, Mutex};

use oci_registry_faults::{Endpoint, Running, Server};
use oci_registry_faults::{Fault, Reply, When};
use oci_registry_http::auth::credential::{Credential, CredentialStore};
use oci_registry_http::transfer::{PullOptions, PushOptions, copy, pull, push};
use tracing::field::{Field, Visit};
use tracing::span;

use crate::support::{Artifact, CANARY, Lab};

fn tags() -> When {
    When::get(Endpoint::Tags)
}

#[tokio::test]
async fn canaries_are_nowhere_f_121() {
    let canary = crate::support::CANARY;
    let lab = Lab::with_tokens().await;
    // The registry sends back what it got.
    lab.server.script(
        tags(),
        Fault::respond(|seen| {
            let got = seen.header("authorization").unwrap_or("Basic realm").to_owned();
            Reply::error(400, "DENIED", &format!("you said {got}"))
        }),
    );
    let mut texts = Vec::new();
    let store = || {
        CredentialStore::new()
            .with_credential_for_all(Credential::basic("ci", canary).expect("fine"))
    };
    for status in [400, 401, 403, 500] {
        let lab =
            Lab::with(|s| s.access(crate::support::tokens()), |c| c.credentials(store())).await;
        let token = When::any().matching(|seen| seen.path == "/token");
        lab.server.script(
            token,
            Fault::respond(move |seen| {
                let got = seen.header("authorization").unwrap_or_default().to_owned();
                Reply::error(status, "X", &format!("you said {got} and {canary}"))
            }),
        );
        let error = lab.repository("x").tags().await.expect_err("refused");
        texts.push(format!("{error} {error:?} {:?}", std::error::Error::source(&error)));
        texts.push(format!("{:?} {:?}", lab.client, lab.repository("x")));
    }
    let error = lab.repository("x").tags().await.expect_err("refused");
    texts.push(format!(
        "{error} {error:?} {:?} {:?}",
        error.refusal(),
        oci_artifact::Error::from(error.clone())
    ));
    let basic = "Y2k6Y2FuYXJ5"; // the start of `ci:canary…`, encoded
    for text in texts {
        assert!(!text.contains("canary") && !text.contains(basic), "{text}");
    }
}

/// Hears everything that anybody logs, at every level.
#[derive(Clone, Default)]
struct Ear(Arc<Mutex<String>>);

impl Ear {
    fn hear(&self, name: &str, record: impl FnOnce(&mut Words<'_>)) {
        let mut text = self.0.lock().expect("no panic");
        let _ = write!(text, "\n{name}");
        record(&mut Words(&mut text));
    }
}

struct Words<'a>(&'a mut String);

impl Visit for Words<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl tracing::Subscriber for Ear {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        self.hear(span.metadata().name(), |words| span.record(words));
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        self.hear("", |words| values.record(words));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        self.hear(event.metadata().target(), |words| event.record(words));
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// All that a server saw, as text.
fn seen_by(server: &Running) -> String {
    server.requests().iter().map(|request| format!("{:?}\n", request.seen)).collect()
}

#[tokio::test]
async fn no_hop_no_log_and_no_event_has_a_secret_f_121() {
    let ear = Ear::default();
    // Where there is but one listener, tracing asks the thread that comes first to a place whether
    // anybody listens there, and tests without one run beside this.
    let _second = tracing::Dispatch::new(ear.clone());
    let _guard = tracing::subscriber::set_default(ear.clone());
    let lab = Lab::with_tokens().await;
    let storage = Server::builder().store(tempfile::tempdir().expect("one").path().join("s"));
    let storage = storage.start().await.expect("it starts");
    let signature = "canary-signature-51";
    let events = Arc::new(Mutex::new(String::new()));
    let told = Arc::clone(&events);
    let mut options = PushOptions::default();
    options.on_event = Some(Arc::new(move |event| {
        let _ = write!(told.lock().expect("no panic"), "{event:?}");
    }));
    let store = lab.store("store");
    let artifact = Artifact::new(300_000);
    let digest = artifact.keep_in(&store);
    let to = [lab.reference("x:v1")];
    push(&lab.client, &store, &digest, &to, &options).await.expect("fine");
    copy(&lab.client, &to[0], &lab.reference("y:v1"), &options).await.expect("fine");

    // Blobs lie elsewhere, behind signed addresses; some of which do not work any more.
    let give = |seen: &oci_registry_faults::Seen| {
        Reply::error(403, "DENIED", &format!("expired: {}", seen.target()))
    };
    storage.script(When::any(), Fault::respond(give));
    let signed = format!("{}/bucket?X-Amz-Signature={signature}", storage.url());
    lab.server.script(
        When::get(Endpoint::Blob).with_header("authorization"),
        Fault::redirect(307, signed),
    );
    let error = pull(&lab.client, &to[0], &lab.store("second"), &PullOptions::default()).await;
    let error = error.expect_err("the address is too old");
    assert!(!storage.requests().is_empty());
    let error = format!("{error} {error:?} {:?}", error.refusal());

    // Uploads are sent elsewhere, too.
    let away = format!("{}/upload?state={signature}", storage.url());
    lab.server.script(
        When::post(Endpoint::Uploads),
        Fault::reply(Reply::new(202).header("location", away)),
    );
    let other = Artifact::new(1000);
    let digest = other.keep_in(&store);
    let refused = push(&lab.client, &store, &digest, &[lab.reference("z:v1")], &options).await;
    let refused = format!("{:?}", refused.expect_err("nobody takes it"));

    let mut secrets = vec![CANARY.to_owned(), "Y2k6Y2FuYXJ5".to_owned()];
    let bearers = lab.server.requests();
    let bearers = bearers.iter().filter_map(|request| request.seen.header("authorization"));
    let bearers = bearers.filter_map(|header| header.strip_prefix("Bearer ")).map(str::to_owned);
    secrets.extend(bearers);
    secrets.sort();
    secrets.dedup();
    assert!(secrets.len() >= 4, "there were tokens for several things");
    let events = events.lock().expect("no panic").clone();
    let logged = ear.0.lock().expect("no panic").clone();
    assert!(logged.contains("oci_registry_http"), "somebody heard something");
    let places = [
        ("the log", logged.as_str()),
        ("an error", &error),
        ("another error", &refused),
        ("events", &events),
        ("storage", &seen_by(&storage)),
    ];
    for (place, text) in places {
        for secret in &secrets {
            if let Some(at) = text.find(secret.as_str()) {
                let from = text[..at].rfind('\n').unwrap_or_default();
                panic!("{place} has {secret}: {}", &text[from..at + secret.len()]);
            }
        }
    }
    // Signatures are for the storage alone.
    for (place, text) in [("an error", error), ("another error", refused)] {
        assert!(!text.contains(signature), "{place}: {text}");
    }
    assert!(
        !logged
            .lines()
            .any(|line| { line.starts_with("oci_registry_http") && line.contains(signature) })
    );
}
