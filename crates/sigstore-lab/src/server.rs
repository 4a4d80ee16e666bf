// SPDX-License-Identifier: Apache-2.0
//! The authority and the log as services on loopback, for clients that sign: what Fulcio and the first
//! Rekor answer (signatures.md 3.8). Each can be made to answer otherwise.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::log::{dsse, hashed};
use crate::material::Lab;
use crate::{NOW, Owner, pem};

/// The most bytes of a request.
const MAX_REQUEST: usize = 1 << 20;

/// A function that makes an answer of the path and the right answer.
pub type Answer = Box<dyn Fn(&str, (u16, Value)) -> (u16, String) + Send>;

struct State {
    lab: Lab,
    owner: Owner,
    answer: Answer,
    requests: Vec<(String, String)>,
    /// The last entry, which lies at `/existing`.
    last: Value,
    /// The place of an entry that is there already.
    location: String,
}

/// The services, until this is dropped.
pub struct Server {
    addr: SocketAddr,
    state: Arc<Mutex<State>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts them: certificates are for that owner, for every request.
    pub fn start(lab: Lab, owner: Owner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let addr = listener.local_addr().expect("an address");
        let answer: Answer = Box::new(|_, (status, body)| (status, body.to_string()));
        let state = Arc::new(Mutex::new(State {
            lab,
            owner,
            answer,
            requests: Vec::new(),
            last: Value::Null,
            location: "/existing".to_owned(),
        }));
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                if serve(stream, &shared).is_none() {
                    return;
                }
            }
        });
        Self { addr, state, thread: Some(thread) }
    }

    /// Returns the address of both.
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// Changes the answers from now on.
    pub fn answer(&self, answer: impl Fn(&str, (u16, Value)) -> (u16, String) + Send + 'static) {
        self.state.lock().expect("no panic").answer = Box::new(answer);
    }

    /// Gives duplicates the answer that the entry lies at `location`, from now on.
    pub fn location(&self, location: &str) {
        self.state.lock().expect("no panic").location = location.to_owned();
    }

    /// Returns the root that trusts them.
    pub fn root(&self) -> String {
        self.state.lock().expect("no panic").lab.root().json()
    }

    /// Returns the requests so far: paths, and heads with bodies.
    pub fn requests(&self) -> Vec<(String, String)> {
        self.state.lock().expect("no panic").requests.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(mut stream) = TcpStream::connect(self.addr) {
            let _ = stream.write_all(b"QUIT / HTTP/1.1\r\n\r\n");
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Returns a token of that subject, which nobody has signed.
pub fn token(subject: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", part(&json!({"alg": "none"})), part(subject), URL_SAFE_NO_PAD.encode("x"))
}

/// Answers one request; none if it asks for the end.
fn serve(stream: TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return Some(());
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse::<usize>().unwrap_or(0).min(MAX_REQUEST);
        }
        head.push_str(&line);
    }
    let mut words = head.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    if method == "QUIT" {
        return None;
    }
    let mut body = vec![0; length];
    if reader.read_exact(&mut body).is_err() {
        return Some(());
    }
    let mut state = state.lock().ok()?;
    state.requests.push((path.clone(), format!("{head}\n{}", String::from_utf8_lossy(&body))));
    let request: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let right = match path.as_str() {
        "/api/v2/signingCert" => state.lab.certify(&state.owner, &request),
        "/api/v1/log/entries" => {
            let answer = state.lab.take_in(&request);
            state.last = answer.1.clone();
            answer
        }
        "/existing" => (200, state.last.clone()),
        other if other.starts_with("/token") => {
            (200, json!({"value": token(&json!({"sub": "job"}))}))
        }
        _ => (404, json!({})),
    };
    let (status, text) = (state.answer)(&path, right);
    let answer = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nlocation: {}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        state.location,
        text.len()
    );
    let _ = reader.get_mut().write_all(answer.as_bytes());
    Some(())
}

impl Lab {
    /// The authority's answer to a request for a certificate, which is for that owner.
    pub fn certify(&self, owner: &Owner, request: &Value) -> (u16, Value) {
        let key = &request["publicKeyRequest"]["publicKey"];
        let lines = key["content"].as_str().unwrap_or_default().lines();
        let text: String = lines.filter(|line| !line.starts_with("-----")).collect();
        let Ok(spki) = STANDARD.decode(text) else { return (400, json!({"message": "no key"})) };
        // A point of P-256 is the end of its SubjectPublicKeyInfo.
        let Some(start) = spki.len().checked_sub(65) else {
            return (400, json!({"message": "no key of P-256"}));
        };
        let leaf = self.authority.issue(owner, &spki[start..]);
        let chain = [pem("CERTIFICATE", &leaf), pem("CERTIFICATE", self.authority.certificate())];
        (200, json!({"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}}))
    }

    /// The log's answer to a proposed entry.
    pub fn take_in(&mut self, request: &Value) -> (u16, Value) {
        let decode =
            |value: &Value| STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default();
        let der = |pem: &[u8]| {
            let text = String::from_utf8_lossy(pem).into_owned();
            let lines = text.lines().filter(|line| !line.starts_with("-----"));
            STANDARD.decode(lines.collect::<String>()).unwrap_or_default()
        };
        let spec = &request["spec"];
        let (kind, body) = match request["kind"].as_str() {
            Some("dsse") => {
                let text = spec["proposedContent"]["envelope"].as_str().unwrap_or_default();
                let envelope: Value = serde_json::from_str(text).unwrap_or(Value::Null);
                let verifier = decode(&spec["proposedContent"]["verifiers"][0]);
                let payload = decode(&envelope["payload"]);
                let signature = decode(&envelope["signatures"][0]["sig"]);
                ("dsse", dsse(&payload, &signature, &der(&verifier)))
            }
            Some("hashedrekord") => {
                let signature = decode(&spec["signature"]["content"]);
                let verifier = decode(&spec["signature"]["publicKey"]["content"]);
                let mut body = hashed(b"", &signature, &der(&verifier));
                body["spec"]["data"] = spec["data"].clone();
                ("hashedrekord", body)
            }
            _ => return (400, json!({"message": "no kind"})),
        };
        let logged = self.log.add(kind, &body, NOW + 60);
        (201, json!({"24296fb24b8ad77a": logged.in_answer()}))
    }
}
