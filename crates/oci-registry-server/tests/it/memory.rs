// SPDX-License-Identifier: Apache-2.0
//! Memory does not grow with what is pushed and pulled.

use std::io::Read as _;

use oci_artifact::digest::Hasher;

use crate::client::Connection;
use crate::crash::Process;

const MIB: u64 = 1 << 20;
const PIECE: usize = 1 << 20;

/// The long form: the size of the blob in MiB, 1,024 for the project's promise.
const SIZE: &str = "OCI_REGISTRY_SERVER_TEST_BLOB_MIB";

/// Returns the piece with that number: the same bytes every time, and no two pieces alike.
fn piece(number: u64) -> Vec<u8> {
    (0..PIECE as u64 / 8).flat_map(|at| (number << 32 | at).to_le_bytes()).collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the long form is asked for by a variable")]
fn large_blobs_pass_with_less_than_64_mib_of_memory() {
    let mib = std::env::var(SIZE).ok().and_then(|text| text.parse().ok()).unwrap_or(96_u64);
    let outer = tempfile::tempdir().expect("there is room");
    let process = Process::start(&outer.path().join("store"));
    let mut hasher = Hasher::sha256();
    for number in 0..mib {
        hasher.update(&piece(number));
    }
    let digest = hasher.finish();

    let mut connection = Connection::to(process.addr);
    let answer = connection.send("POST", "/v2/a/blobs/uploads/", &[], b"").expect("answers");
    let location = answer.header("location").expect("a location").to_owned();
    let target = format!("{location}?digest={digest}");
    connection.write_head("PUT", &target, &[], Some(mib * MIB)).expect("writes");
    for number in 0..mib {
        connection.write(&piece(number)).expect("writes");
    }
    assert_eq!(connection.read_answer("PUT").expect("answers").status, 201);

    let target = format!("/v2/a/blobs/{digest}");
    connection.write_head("GET", &target, &[], Some(0)).expect("writes");
    let head = connection.read_head().expect("answers");
    let mut body = connection.body(&head, "GET");
    let mut buffer = vec![0; PIECE];
    for number in 0..mib {
        body.read_exact(&mut buffer).expect("reads");
        assert!(buffer == piece(number), "piece {number}");
    }
    assert_eq!(body.read(&mut buffer).expect("reads"), 0);
    let peak = process.peak_memory();
    assert!(peak < 64 * MIB, "{peak}");
}
