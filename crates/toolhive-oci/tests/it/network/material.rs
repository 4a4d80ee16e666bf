// SPDX-License-Identifier: Apache-2.0
//! Tests of a registry that misreports signatures: wrong lists and sizes, other bytes (SIG-10, SIG-12, SIG-14,
//! SIG-15).

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use oci_registry_faults::{Endpoint, Fault, Reply, When};
use serde_json::Value;

use super::signatures::{Faulty, kinds, layouts, pushed};
use crate::support::{Sandbox, example};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A signed artifact in a registry that can be made to misbehave.
struct Signed {
    sandbox: Sandbox,
    faulty: Faulty,
    reference: String,
    digest: String,
}

impl Signed {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let faulty = Faulty::start(&sandbox);
        let (reference, digest) = pushed(&sandbox, &faulty.server().addr().to_string());
        sandbox.text(&["keys", "generate", "--output", "mine"]);
        sandbox.text(&["plugin", "sign", &reference, "--key", "mine.key"]);
        Self { sandbox, faulty, reference, digest }
    }

    /// Sends one request, and returns the body of its answer.
    fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let addr = self.faulty.server().addr();
        let mut stream = TcpStream::connect(addr).expect("connects");
        let head = format!(
            "{method} /v2/me/release-notes/{path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\
             Content-Type: {MANIFEST}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).expect("sends");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 20"), "{method} {path}: {answer}");
        answer.split_once("\r\n\r\n").expect("a head").1.to_owned()
    }

    /// The digest of the one referrer, and its manifest.
    fn referrer(&self) -> (String, String) {
        let list = self.ask("GET", &format!("referrers/{}", self.digest), "");
        let list: Value = serde_json::from_str(&list).expect("JSON");
        let digest = list["manifests"][0]["digest"].as_str().expect("a digest").to_owned();
        let manifest = self.ask("GET", &format!("manifests/{digest}"), "");
        (digest, manifest)
    }

    /// Makes the registry answer with another manifest, which its list of referrers names in place of `from`.
    fn list_instead(&self, from: &str, manifest: &str) {
        let digest = oci_artifact::digest::sha256(manifest.as_bytes()).to_string();
        let answer = Reply::new(200).header("content-type", MANIFEST).body(manifest.to_owned());
        let when = When::get(Endpoint::Manifest).target(digest.as_str());
        self.faulty.script(when, Fault::reply(answer));
        let from = from.to_owned();
        let list = Fault::pass().map_body(move |text| text.replace(&from, &digest));
        self.faulty.script(When::get(Endpoint::Referrers), list);
    }

    fn verify(&self, code: i32) -> Value {
        self.faulty.server().clear_requests();
        let words =
            ["plugin", "verify-signature", "--remote", &self.reference, "--key", "mine.pub"];
        self.sandbox.json(code, &words)
    }

    fn was_asked_for(&self, part: &str) -> bool {
        self.faulty.server().requests().iter().any(|request| request.seen.path.contains(part))
    }
}

#[test]
fn a_referrer_is_about_what_it_says_itself_whatever_lists_it_sig_12() {
    let signed = Signed::new();
    let (own, manifest) = signed.referrer();
    let elsewhere = manifest.replace(&signed.digest, &format!("sha256:{}", "0".repeat(64)));
    assert_ne!(elsewhere, manifest);
    signed.list_instead(&own, &elsewhere);
    let found = signed.verify(0);
    assert_eq!((layouts(&found), kinds(&found)), (vec!["tag"], vec!["binding-mismatch"]));
    let message = found["rejected"][0]["message"].as_str().expect("words");
    assert!(message.contains("manifest itself"), "{message}");
}

#[test]
fn what_is_said_to_be_too_large_is_not_fetched_sig_15() {
    let signed = Signed::new();
    let (own, manifest) = signed.referrer();
    let size = format!("\"size\":{}", manifest.len());
    let list = Fault::pass().map_body(move |text| text.replace(&size, "\"size\":1048577"));
    signed.faulty.script(When::get(Endpoint::Referrers).first(1), list);
    let found = signed.verify(0);
    assert_eq!((layouts(&found), kinds(&found)), (vec!["tag"], vec!["malformed-material"]));
    assert!(!signed.was_asked_for(&own), "its manifest");

    let read: Value = serde_json::from_str(&manifest).expect("JSON");
    let bundle = read["layers"][0]["digest"].as_str().expect("a digest");
    let size = format!("\"size\":{}", read["layers"][0]["size"]);
    signed.list_instead(&own, &manifest.replace(&size, "\"size\":1048577"));
    let found = signed.verify(0);
    assert_eq!((layouts(&found), kinds(&found)), (vec!["tag"], vec!["malformed-material"]));
    assert!(!signed.was_asked_for(bundle), "its bundle");
}

#[test]
fn other_bytes_than_their_digest_are_refused_and_hide_no_good_one_sig_14() {
    let signed = Signed::new();
    let (_, manifest) = signed.referrer();
    let tag = format!("manifests/{}.sig", signed.digest.replacen(':', "-", 1));
    let at_tag: Value = serde_json::from_str(&signed.ask("GET", &tag, "")).expect("JSON");
    let read: Value = serde_json::from_str(&manifest).expect("JSON");
    let blob = |manifest: &Value| manifest["layers"][0]["digest"].as_str().expect("one").to_owned();
    for (document, left) in [(&at_tag, vec!["referrer"]), (&read, vec![])] {
        let blob = blob(document);
        let when = When::get(Endpoint::Blob).matching(move |seen| seen.path.ends_with(&blob));
        signed.faulty.script(when, Fault::pass().flip(40));
        let found = signed.verify(if left.is_empty() { 2 } else { 0 });
        assert_eq!(layouts(&found), left);
        assert!(kinds(&found).iter().all(|kind| *kind == "malformed-material"), "{found}");
        assert_eq!(kinds(&found).len(), 2 - left.len(), "{found}");
    }
}

#[test]
fn the_same_signature_counts_once_sig_14() {
    let signed = Signed::new();
    let tag = format!("manifests/{}.sig", signed.digest.replacen(':', "-", 1));
    let manifest = signed.ask("GET", &tag, "");
    let layers = manifest.split(r#""layers":["#).nth(1).expect("layers");
    let layer = layers.strip_suffix("]}").expect("an end");
    let twice = manifest.replace(layer, &format!("{layer},{layer}"));
    signed.ask("PUT", &tag, &twice);
    assert_eq!(layouts(&signed.verify(0)), ["referrer", "tag"]);
}

#[test]
fn another_manifest_than_the_digest_s_is_an_error_and_no_verdict_sig_10() {
    let signed = Signed::new();
    let name = signed.reference.rsplit_once(':').expect("a tag").0;
    let other = format!("{name}:other");
    let plugin = example("plugins/release-notes");
    signed.sandbox.json(0, &["plugin", "build", &plugin, "--tag", &other, "--epoch", "7"]);
    signed.sandbox.text(&["plugin", "push", &other]);
    let digest = signed.digest.clone();
    let when = When::get(Endpoint::Manifest).matching(move |seen| seen.path.ends_with(&digest));
    signed.faulty.script(when, Fault::redirect(307, "/v2/me/release-notes/manifests/other"));
    let pinned = format!("{name}@{}", signed.digest);
    let words = ["plugin", "verify-signature", "--remote", &pinned, "--key", "mine.pub"];
    let error = signed.sandbox.json(1, &words).to_string();
    assert!(error.contains("\"error\"") && !error.contains("verdict"), "{error}");
}
