// SPDX-License-Identifier: Apache-2.0
//! The CNCF's registry, as Debian packages it, with its own idea of passwords and tokens; and skopeo.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use oci_registry_faults::{Authority, Fault, Reply, When};
use oci_registry_faults::{Running, Server};
use serde_json::json;
use tempfile::TempDir;

use crate::support::CANARY;

/// bcrypt of [`CANARY`].
const HASH: &str = "$2b$05$abcdefghijklmnopqrstuu6cbYMfa6EN8.blYjs65ner4vgNdR21q";
/// The name that the registry has for itself, and that of the issuer of its tokens.
const SERVICE: &str = "peer";
const ISSUER: &str = "tokens";

/// The authentication that the registry requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Open,
    /// Basic authentication, with user and password.
    Basic,
    /// Bearer authentication, with a token server that asks for user and password.
    Tokens,
}

/// A registry that runs until it is dropped.
pub(crate) struct DockerRegistry {
    child: Child,
    /// Host and port.
    pub(crate) authority: String,
    /// The token server.
    _tokens: Option<Running>,
    _directory: TempDir,
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl DockerRegistry {
    /// Starts it; with TLS where an authority signs its certificate.
    pub(crate) async fn start(door: Door, tls: Option<&Authority>) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let (place, mut tokens) = (directory.path(), None);
        let auth = match door {
            Door::Open => json!({}),
            Door::Basic => {
                let file = place.join("htpasswd");
                fs::write(&file, format!("ci:{HASH}\n")).expect("it is written");
                json!({"htpasswd": {"realm": "peer", "path": file}})
            }
            Door::Tokens => {
                let server = token_server(place).await;
                let realm = format!("{}/token", server.url());
                tokens = Some(server);
                json!({"token": {
                    "realm": realm, "service": SERVICE, "issuer": ISSUER,
                    "rootcertbundle": place.join("tokens.crt"),
                }})
            }
        };
        let mut http = json!({"addr": "127.0.0.1:0", "secret": "x"});
        if let Some(authority) = tls {
            let (certificate, key) = authority.client("127.0.0.1").expect("it is signed");
            fs::write(place.join("tls.crt"), certificate).expect("it is written");
            fs::write(place.join("tls.key"), key).expect("it is written");
            http["tls"] =
                json!({"certificate": place.join("tls.crt"), "key": place.join("tls.key")});
        }
        // Its configuration is YAML, and JSON is that, too.
        let config = json!({
            "version": 0.1,
            "log": {"level": "info", "accesslog": {"disabled": true}},
            "storage": {
                "filesystem": {"rootdirectory": place.join("data")},
                "delete": {"enabled": true},
            },
            "http": http,
            "auth": auth,
        });
        let file = place.join("config.yml");
        fs::write(&file, config.to_string()).expect("it is written");
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(&file).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("docker-registry starts");
        let said = child.stderr.take().expect("it speaks");
        // It says on which port it listens. What it says later goes nowhere, but is read.
        let (send, listens) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let mut send = Some(send);
            for line in BufReader::new(said).lines().map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once("listening on ")
                    && let Some(send) = send.take()
                {
                    let end = rest.find([',', '"']).unwrap_or(rest.len());
                    let _ = send.send(rest[..end].to_owned());
                }
            }
        });
        let authority = listens.await.expect("it starts");
        Self { child, authority, _tokens: tokens, _directory: directory }
    }
}

/// A server that gives tokens to who knows the password, signed with RSA.
async fn token_server(place: &Path) -> Running {
    let (key, certificate) = (place.join("tokens.key"), place.join("tokens.crt"));
    let mut make = Command::new("openssl");
    make.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj"]);
    make.arg("/CN=tokens").arg("-keyout").arg(&key).arg("-out").arg(&certificate);
    let made = make.output().expect("openssl starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let pem = fs::read_to_string(&certificate).expect("it was made");
    let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let server = Server::builder().start().await.expect("it starts");
    let wanted = format!("Basic {}", BASE64_STANDARD.encode(format!("ci:{CANARY}")));
    let answer = move |seen: &oci_registry_faults::Seen| {
        if seen.header("authorization") != Some(&wanted) {
            return Reply::error(401, "UNAUTHORIZED", "who are you?");
        }
        let asked = seen.query.clone().unwrap_or_default();
        let asked = url::form_urlencoded::parse(asked.as_bytes()).into_owned();
        let access: Vec<_> = asked
            .filter(|(key, _)| key == "scope")
            .filter_map(|(_, scope)| {
                let mut parts = scope.splitn(3, ':').map(str::to_owned);
                let (kind, name, actions) = (parts.next()?, parts.next()?, parts.next()?);
                let actions: Vec<_> = actions.split(',').collect();
                Some(json!({"type": kind, "name": name, "actions": actions}))
            })
            .collect();
        let head = json!({"typ": "JWT", "alg": "RS256", "x5c": [der]});
        let claims = json!({
            "iss": ISSUER, "sub": "ci", "aud": SERVICE, "jti": seen.number.to_string(),
            "nbf": 0, "iat": 0, "exp": 4_000_000_000_u32, "access": access,
        });
        let signed = format!("{}.{}", encode(&head), encode(&claims));
        let signature = BASE64_URL_SAFE_NO_PAD.encode(sign(&key, &signed));
        Reply::new(200).json(json!({"token": format!("{signed}.{signature}")}).to_string())
    };
    server.script(When::any(), Fault::respond(answer));
    server
}

fn encode(value: &serde_json::Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

fn sign(key: &Path, text: &str) -> Vec<u8> {
    let mut command = Command::new("openssl");
    command.args(["dgst", "-sha256", "-sign"]).arg(key);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("openssl starts");
    let mut stdin = child.stdin.take().expect("it listens");
    std::io::Write::write_all(&mut stdin, text.as_bytes()).expect("it listens");
    drop(stdin);
    child.wait_with_output().expect("it ends").stdout
}

/// Runs skopeo and returns its output.
pub(crate) fn skopeo(args: &[&str]) -> String {
    let mut command = Command::new("skopeo");
    let output: Output =
        command.arg("--insecure-policy").args(args).output().expect("skopeo starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
