// SPDX-License-Identifier: Apache-2.0
//! Progress on a terminal (VB-15).
#![cfg(target_os = "linux")]

use test_support::tools::are_installed;

use crate::support::Sandbox;
use crate::support::terminal::{lines, on_terminal};

#[test]
fn bars_fit_the_terminal_and_leave_nothing_behind_vb_15() {
    if !are_installed(&["script"]) {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.plugin("p", r#"{"name":"p"}"#);
    sandbox.write("p/file", vec![b'x'; 3 << 20]);
    for columns in [80, 100] {
        let shown =
            on_terminal(&sandbox, columns, &["--progress", "always", "plugin", "build", "p"]);
        let lines = lines(&shown);
        let drawn = || lines.iter().filter(|line| line.contains("packaging"));
        assert!(drawn().all(|line| line.chars().count() <= columns), "{lines:?}");
        let is_bar =
            |line: &&String| line.starts_with("packaging [") && line.contains(" % of 3.00 MiB");
        let bar = lines.iter().find(is_bar).unwrap_or_else(|| panic!("no bar: {lines:?}"));
        assert!(bar.chars().count() > columns / 2, "it has the width that there is: {bar}");
        // It goes; what stays is what was done.
        let last = shown.rfind("packaging").expect("it was shown");
        assert!(shown[last..].contains("\u{1b}[2K"), "{shown:?}");
        assert!(shown[last..].contains("Packaged p as sha256:"), "{shown:?}");
    }
    let shown = on_terminal(&sandbox, 80, &["--progress", "never", "plugin", "build", "p"]);
    assert!(!shown.contains("packaging"), "{shown:?}");
}

/// A registry that lets wait is named while it does; then that goes.
#[cfg(feature = "network")]
#[test]
fn who_is_asked_is_shown_while_that_takes_long_vb_15() {
    use std::io::{Read as _, Write as _};

    use crate::support::terminal::Terminal;

    if !are_installed(&["script"]) {
        return;
    }
    let sandbox = Sandbox::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("it listens");
    let addr = listener.local_addr().expect("an address").to_string();
    let mut terminal = Terminal::start(&sandbox, 80, &["plugin", "tags", &format!("{addr}/x")]);
    let (mut stream, _) = listener.accept().expect("it is asked");
    let words = format!("asking {addr}");
    terminal.until(&words);
    // Now it answers.
    let mut head = [0; 1];
    stream.read_exact(&mut head).expect("a request");
    let body = r#"{"tags":["a-tag"]}"#;
    let answer = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).expect("it listens");
    let shown = terminal.until_end();
    let last = shown.rfind(&words).expect("it was shown");
    assert!(shown[last..].contains("\u{1b}[2K") && shown[last..].contains("a-tag"), "{shown:?}");
    assert!(lines(&shown).iter().all(|line| line.chars().count() <= 80), "{shown:?}");
}
