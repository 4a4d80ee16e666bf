// SPDX-License-Identifier: Apache-2.0
//! Passwords of which the registry knows bcrypt hashes (SV-15, SV-16).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_registry_server::{Access, Accounts, Bearer, Rights};

use crate::client::{Fixture, start_with};

/// User, password, and the hash that libxcrypt made of it.
const HASHES: [(&str, &str, &str); 4] = [
    ("htpasswd", "hello there", "$2y$05$c4WoMPo3SXsafkva.HHa6u6NxQPNbXaFjKPZRPG/JTV4jOMa4O/N2"),
    ("old", "secret", "$2a$04$Zx0dVvPyQmN1rT7uWq3aLeoPSK04lOOgiydpj3kSNOFpDxFj/Y2Pa"),
    ("new", "pass:wörd", "$2b$06$Kq9sUdPz2Xw4Yb6Nc8Mv.OH3sjBi/fMO84m1IdGtAho1rlI092AOC"),
    ("short", "pw", "$2y$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW"),
];

fn accounts() -> Accounts {
    let plain = Accounts::new().user("plain", "word", Rights::All).expect("fine");
    HASHES.iter().fold(plain, |accounts, (name, _, hash)| {
        accounts.user_with_hash(*name, hash, Rights::All).expect(name)
    })
}

fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

fn status(registry: &Fixture, target: &str, user: &str, password: &str) -> u16 {
    registry.send("GET", target, &[("authorization", &basic(user, password))], b"").status
}

#[test]
fn what_others_hashed_lets_in_whoever_has_the_password_sv_15() {
    let both = [
        (Access::Basic(accounts()), "/v2/"),
        (Access::Bearer(Bearer::new(accounts())), "/token?scope=repository:a:pull"),
    ];
    for (access, target) in both {
        let registry = start_with(|b| b.access(access));
        // Twice, for the second time is another way.
        for _ in 0..2 {
            for (user, password, hash) in HASHES {
                assert_eq!(status(&registry, target, user, password), 200, "{user}");
                let longer = format!("{password}x");
                for wrong in [hash, "", "x", "word", &longer, &password[1..]] {
                    assert_eq!(status(&registry, target, user, wrong), 401, "{user} {wrong}");
                }
            }
            assert_eq!(status(&registry, target, "plain", "word"), 200);
            let (_, another, _) = HASHES[0];
            for wrong in [another, "", "x"] {
                assert_eq!(status(&registry, target, "plain", wrong), 401);
                assert_eq!(status(&registry, target, "nobody", wrong), 401);
            }
        }
    }
}

#[test]
fn as_everywhere_72_bytes_of_a_password_count_for_bcrypt_sv_15() {
    let (long, hash) =
        ("x".repeat(72), "$2y$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i");
    let accounts = Accounts::new().user_with_hash("u", hash, Rights::All).expect("fine");
    let registry = start_with(|b| b.access(Access::Basic(accounts)));
    assert_eq!(status(&registry, "/v2/", "u", &long), 200);
    assert_eq!(status(&registry, "/v2/", "u", &format!("{long}yz")), 200);
    assert_eq!(status(&registry, "/v2/", "u", &long[1..]), 401);
}

#[test]
fn others_are_answered_while_passwords_are_checked_sv_16() {
    // Each wrong password costs what the highest cost costs.
    let hash = "$2y$12$abcdefghijklmnopqrstuuvhqlfa3SToYAWnpQD0wYcoxAD7y2cEy";
    let accounts = Accounts::new().user_with_hash("u", hash, Rights::All).expect("fine");
    let accounts = accounts.anonymous(Rights::Pull);
    let registry = start_with(|b| b.access(Access::Basic(accounts)));
    let wrong = basic("u", "wrong");
    // More at once than the runtime has threads.
    let mut guesses: Vec<_> = (0..6)
        .map(|_| {
            let mut connection = registry.connect();
            let headers = [("authorization", wrong.as_str())];
            connection.write_head("GET", "/v2/", &headers, Some(0)).expect("writes");
            connection
        })
        .collect();
    while registry.server().counters().in_flight() < 6 {
        std::thread::yield_now();
    }
    assert_eq!(registry.get("/v2/").status, 200);
    assert!(registry.server().counters().in_flight() > 0, "that one did not wait for the others");
    for connection in &mut guesses {
        assert_eq!(connection.read_answer("GET").expect("answers").status, 401);
    }
}
