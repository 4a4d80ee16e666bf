// SPDX-License-Identifier: Apache-2.0
//! a loopback host that speaks TLS is spoken to over TLS, and a registry that stands still
//! for a while is waited for.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use oci_artifact::reference::Target;
use oci_registry_faults::Authority;
use oci_registry_http::transfer::{PullOptions, PushOptions, pull, push};
use oci_registry_http::transport::connection::Scheme;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Artifact, Lab, blob, noise, password, tokens};

#[tokio::test]
async fn a_loopback_registry_with_tls_is_spoken_to_over_tls_r_92() {
    let authority = Authority::new().expect("one");
    let tls = authority.server(&["127.0.0.1"]).expect("fine");
    let pem = authority.pem().as_bytes().to_vec();
    let lab = Lab::with(
        |server| server.tls(tls.clone()).access(tokens()),
        |client| client.authorities(pem.clone()).credentials(password()),
    )
    .await;
    let store = lab.store("store");
    let digest = Artifact::new(50_000).keep_in(&store);
    let to = [lab.reference("x:v1")];
    push(&lab.client, &store, &digest, &to, &PushOptions::default()).await.expect("it goes there");
    let there = lab.store("second");
    let pulled = pull(&lab.client, &to[0], &there, &PullOptions::default()).await;
    assert_eq!(pulled.expect("it comes").digest, digest);
    // Where it is said which it is, nothing is tried.
    for (scheme, is_fine) in [(Scheme::Https, true), (Scheme::PlainHttp, false)] {
        let mut options = oci_registry_http::transport::connection::HostOptions::default();
        options.scheme = scheme;
        let pem = pem.clone();
        let client = lab.fresh_client(|client| {
            client.authorities(pem).credentials(password()).host("127.0.0.1", options)
        });
        let found = client.repository(&to[0]).expect("one").resolve(&Target::Tag("v1")).await;
        assert_eq!(found.is_ok(), is_fine, "{scheme:?}: {found:?}");
    }
}

/// A listener that remembers the first byte of each connection and answers it with `answer`.
async fn listener(answer: &'static str) -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("it listens");
    let addr = listener.local_addr().expect("fine").to_string();
    let firsts = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&firsts);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut start = [0; 64];
            let _ = stream.read(&mut start).await;
            seen.lock().expect("fine").push(start[0]);
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (addr, firsts)
}

#[tokio::test]
async fn however_a_host_says_that_it_wants_tls_r_92() {
    const HELLO: u8 = 0x16;
    for (answer, is_tried) in [
        ("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n", true),
        (
            "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n\
             <title>400 The plain HTTP request was sent to HTTPS port</title>",
            true,
        ),
        ("\x15\x03\x01\x00\x02\x02\x0a", true),
        ("", true),
        ("HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno", false),
        ("HTTP/1.1 404 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", false),
    ] {
        let (addr, firsts) = listener(answer).await;
        let lab = Lab::open().await;
        let text = format!("{addr}/x:y");
        let reference = oci_artifact::reference::Reference::parse(
            &text,
            oci_artifact::reference::Defaults::Strict,
        );
        let repository = lab.client.repository(&reference.expect("one")).expect("one");
        repository.tags().await.expect_err("no registry at all");
        let firsts = firsts.lock().expect("fine").clone();
        assert_eq!(firsts[0], b'G', "plain HTTP first");
        assert_eq!(firsts.contains(&HELLO), is_tried, "{answer:?}: {firsts:?}");
        let end = firsts.iter().filter(|first| **first == HELLO).count();
        assert!(end <= 1, "it is tried once: {firsts:?}");
    }
}

/// The head of a request, and what of its body came along.
async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return String::new(),
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// A registry that stands still is waited for as long as the limit says: more than half a minute, since the system
/// used to cut sockets after 30 s.
#[tokio::test]
async fn a_registry_that_stands_still_is_waited_for_as_long_as_our_time_outs_say_r_28() {
    let bytes = noise(8 << 20, 5);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("it listens");
    let addr = listener.local_addr().expect("fine");
    let heads = Arc::new(Mutex::new(Vec::new()));
    let (seen, size) = (Arc::clone(&heads), bytes.len());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let seen = Arc::clone(&seen);
            tokio::spawn(async move {
                loop {
                    let head = head(&mut stream).await;
                    let method = head.split(' ').next().unwrap_or_default().to_owned();
                    seen.lock().expect("fine").push(method.clone());
                    let answer = match method.as_str() {
                        "HEAD" => "HTTP/1.1 404 X\r\ncontent-length: 0\r\n\r\n",
                        "POST" => "HTTP/1.1 202 X\r\nlocation: /up\r\ncontent-length: 0\r\n\r\n",
                        "PUT" => {
                            tokio::time::sleep(Duration::from_secs(34)).await;
                            let mut body = vec![0; size];
                            if stream.read_exact(&mut body).await.is_err() {
                                return;
                            }
                            "HTTP/1.1 201 X\r\ncontent-length: 0\r\n\r\n"
                        }
                        _ => return,
                    };
                    if stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    let lab = Lab::open().await;
    let text = format!("{addr}/x:y");
    let reference =
        oci_artifact::reference::Reference::parse(&text, oci_artifact::reference::Defaults::Strict);
    let repository = lab.client.repository(&reference.expect("one")).expect("one");
    let (part, source) = (blob(&bytes), Arc::new(bytes::Bytes::from(bytes)));
    repository.put_blob(&part, source, &Default::default()).await.expect("it is waited for");
    let puts = heads.lock().expect("fine").iter().filter(|method| *method == "PUT").count();
    assert_eq!(puts, 1);
}
