// SPDX-License-Identifier: Apache-2.0
//! Tests of the options and messages about registries: `-v`, notes, `--timeout`, `--plain-http`,
//! `login`.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Output;

use super::served::Served;
use crate::support::{Sandbox, example};

/// A registry that gives each request the answer that its number and first line ask for.
fn scripted(answer: impl Fn(usize, &str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("it listens");
    let addr = listener.local_addr().expect("fine").to_string();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { return };
            let line = head(&mut stream);
            let answer = answer(number + 1, line.lines().next().unwrap_or_default());
            // An empty answer is one that never comes.
            if answer.is_empty() {
                std::mem::forget(stream);
            } else {
                let _ = stream.write_all(answer.as_bytes());
            }
        }
    });
    addr
}

fn head(stream: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read == 1) {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn reply(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
}

/// Runs the command with that on its stdin and a place of its own for credentials.
fn run(sandbox: &Sandbox, code: i32, args: &[&str], stdin: &str) -> Output {
    let mut command = sandbox.command();
    command.env("HOME", sandbox.path("home")).args(args).write_stdin(stdin);
    let output = command.output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {errors}");
    output
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_is_tried_again_is_told_unless_quiet_r_82() {
    let sandbox = Sandbox::new();
    for (flag, is_told) in [("--color=never", true), ("--quiet", false)] {
        let addr = scripted(|number, _| match number {
            1 => reply(503, "", ""),
            _ => reply(200, "", r#"{"tags":["a"]}"#),
        });
        let output = run(&sandbox, 0, &["plugin", "tags", &format!("{addr}/x"), flag], "");
        assert_eq!(output.stdout, b"a\n");
        let told =
            format!("tried again (2 of 6): GET http://{addr}/v2/x/tags/list: status 503; waits 0.");
        assert_eq!(errors(&output).starts_with(&told), is_told, "{}", errors(&output));
        assert!(is_told || output.stderr.is_empty());
    }
}

#[test]
fn a_longer_wait_ends_the_command_and_says_when_to_come_back_r_70() {
    let sandbox = Sandbox::new();
    let addr = scripted(|_, _| reply(429, "retry-after: 120\r\n", ""));
    let output = run(&sandbox, 1, &["plugin", "tags", &format!("{addr}/x")], "");
    assert!(errors(&output).contains("come back in 120 s, after "), "{}", errors(&output));
    assert!(!errors(&output).contains("tried again"), "{}", errors(&output));
}

#[test]
fn requests_are_printed_with_v_and_their_headers_with_vv_r_84() {
    let sandbox = Sandbox::new();
    let addr =
        scripted(|_, _| reply(200, "x-secret: canary\r\nserver: here\r\n", r#"{"tags":["a"]}"#));
    let tags = |flags: &[&str]| {
        let name = format!("{addr}/x");
        let output = run(&sandbox, 0, &[&["plugin", "tags", &name], flags].concat(), "");
        assert_eq!(output.stdout, b"a\n");
        errors(&output)
    };
    assert_eq!(tags(&[]), "");
    let line = format!("GET http://{addr}/v2/x/tags/list: 200 in ");
    let verbose = tags(&["-v"]);
    assert!(verbose.contains(&line) && !verbose.contains("server"), "{verbose}");
    for flags in [&["-vv"][..], &["-v", "--verbose"]] {
        let wire = tags(flags);
        assert!(wire.contains(&line) && wire.contains("  < server: here"), "{wire}");
        assert!(wire.contains("  > accept-encoding: identity"), "{wire}");
        assert!(wire.contains("  < x-secret: [redacted, 6 bytes]"), "{wire}");
        assert!(!wire.contains("canary"), "{wire}");
    }
}

#[test]
fn a_timeout_ends_a_command_that_a_registry_lets_wait_r_95() {
    let sandbox = Sandbox::new();
    let addr = scripted(|_, _| String::new());
    for verb in ["tags", "pull"] {
        let name = if verb == "tags" { format!("{addr}/x") } else { format!("{addr}/x:y") };
        let output = run(&sandbox, 1, &["plugin", verb, &name, "--timeout", "1"], "");
        let errors = errors(&output);
        assert!(errors.contains("the registry took longer than 1 s"), "{errors}");
    }
    run(&sandbox, 64, &["plugin", "tags", &format!("{addr}/x"), "--timeout", "0"], "");
}

#[test]
fn plain_http_for_two_registries_says_for_which_r_85() {
    let sandbox = Sandbox::new();
    let copy = ["plugin", "copy", "a.invalid/x:1", "b.invalid/x:1"];
    let output = run(&sandbox, 1, &[&copy[..], &["--plain-http"]].concat(), "");
    assert!(errors(&output).contains("name one: --plain-http=b.invalid"), "{}", errors(&output));
    sandbox.text(&["plugin", "build", &example("plugins/release-notes")]);
    let push =
        ["plugin", "push", "release-notes", "--to", "a.invalid/x:1", "--to", "b.invalid/x:1"];
    let output = run(&sandbox, 1, &[&push[..], &["--plain-http"]].concat(), "");
    assert!(errors(&output).contains("name one: "), "{}", errors(&output));
    run(&sandbox, 64, &["plugin", "tags", "a.invalid/x", "--plain-http=a b"], "");
    run(&sandbox, 64, &["plugin", "tags", "oci://a.invalid/x"], "");
}

#[test]
fn the_sides_of_a_copy_are_named_one_by_one_r_85() {
    let sandbox = Sandbox::new();
    // Through a proxy it is seen who is spoken to how: HTTPS asks for a tunnel.
    for (flags, source_is_plain) in [
        (&["--src-plain-http"][..], true),
        (&["--plain-http=a.invalid"], true),
        (&["--dst-plain-http"], false),
        (&["--plain-http=b.invalid"], false),
        (&[], false),
    ] {
        let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let lines = seen.clone();
        let proxy = scripted(move |_, line| {
            lines.lock().expect("fine").push(line.to_owned());
            reply(404, "", "")
        });
        let mut command = sandbox.command();
        command.env("ALL_PROXY", &proxy).args(["plugin", "copy", "a.invalid/x:1", "b.invalid/x:1"]);
        let output = command.args(flags).args(["--timeout", "5"]).output().expect("it runs");
        assert_eq!(output.status.code(), Some(1));
        let first = seen.lock().expect("fine").first().cloned().expect("it was asked");
        let method =
            if source_is_plain { "GET http://a.invalid/" } else { "CONNECT a.invalid:443" };
        assert!(first.starts_with(method), "{flags:?}: {first}");
    }
}

#[test]
fn a_socks_proxy_is_said_not_to_be_supported_r_83() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command();
    command.env("HTTPS_PROXY", "socks5://u:canary@127.0.0.1:1080");
    let output = command.args(["plugin", "tags", "a.invalid/x"]).output().expect("it runs");
    assert!(
        errors(&output).contains("socks5 proxy, which is not supported"),
        "{}",
        errors(&output)
    );
    assert!(!errors(&output).contains("canary"));
}

#[test]
fn login_takes_hosts_as_people_write_them_and_no_empty_password_r_91() {
    let sandbox = Sandbox::new();
    sandbox.write("accounts", "me:canary-secret\n");
    let served = Served::start(&sandbox, &["--accounts", "accounts"]);
    let login = |registry: &str, code: i32, password: &str| {
        let args = ["login", registry, "--username", "me", "--password-stdin"];
        errors(&run(&sandbox, code, &args, password))
    };
    let addr = &served.addr;
    assert!(login(addr, 1, "").contains("the password is empty"));
    assert!(login(addr, 1, "\n").contains("the password is empty"));
    assert!(!sandbox.path("home/.docker").exists());
    let told = login(&format!("oci://{addr}/"), 0, "canary-secret");
    assert!(told.contains(&format!("Logged in to {addr}; ")), "{told}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode =
            std::fs::metadata(sandbox.path("home/.docker")).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "R-27");
    }
    let told = login(&format!("http://{addr}"), 1, "canary-secret");
    assert!(told.contains(&format!("--plain-http={addr}")), "{told}");
    let told = login(&format!("{addr}/org"), 1, "canary-secret");
    assert!(told.contains("leave out /org"), "{told}");
    let told = errors(&run(&sandbox, 0, &["logout", &format!("docker://{addr}")], ""));
    assert_eq!(told, format!("Logged out of {addr}\n"));
}

#[test]
fn login_says_where_a_password_cannot_be_proved_r_91() {
    let sandbox = Sandbox::new();
    let served = Served::start(&sandbox, &[]);
    let args = ["login", &served.addr, "--username", "me", "--password-stdin"];
    let told = errors(&run(&sandbox, 0, &args, "canary"));
    assert!(told.contains("asks for no credentials"), "{told}");
}

#[test]
fn a_helper_that_is_not_installed_is_named_in_warning_and_error_r_94() {
    let sandbox = Sandbox::new();
    sandbox.write("accounts", "me:secret\n");
    let file = sandbox.write("home/.docker/config.json", r#"{"credsStore":"gone"}"#);
    let served = Served::start(&sandbox, &["--accounts", "accounts"]);
    let output = run(&sandbox, 1, &["plugin", "tags", &format!("{}/x", served.addr)], "");
    let told = errors(&output);
    let problem = format!("named in the file {}, is not installed", file.display());
    assert_eq!(told.matches(&problem).count(), 2, "{told}");
    assert!(told.starts_with("warning: the credential helper \"gone\""), "{told}");
}

#[test]
fn what_is_attached_in_a_registry_is_the_registrys_word_r_90() {
    let sandbox = Sandbox::new();
    let served = Served::start(&sandbox, &[]);
    let reference = format!("{}/me/release-notes:1", served.addr);
    sandbox.text(&["plugin", "build", &example("plugins/release-notes"), "--tag", &reference]);
    sandbox.text(&["plugin", "push", &reference]);
    let resolved = sandbox.json(0, &["plugin", "resolve", &reference]);
    let (digest, size) = (resolved["digest"].as_str().expect("one"), resolved["size"].as_u64());
    super::remote::attach(&served, digest, size.expect("one"));
    let remote = sandbox.text(&["plugin", "inspect", "--remote", &reference]);
    assert!(remote.contains("\nAttached, the registry says (1):\n"), "{remote}");
    let json = sandbox.json(0, &["plugin", "inspect", "--remote", &reference]);
    assert_eq!(json["artifact"]["referrers"][0]["stated_by"], "registry");
    sandbox.text(&["plugin", "pull", &reference, "--referrers"]);
    let local = sandbox.text(&["plugin", "inspect", &reference]);
    assert!(local.contains("\nAttached (1):\n"), "{local}");
}

#[test]
fn what_a_store_lacks_may_be_in_a_registry() {
    let sandbox = Sandbox::new();
    let help = |args: &[&str]| sandbox.json(1, args)["error"]["help"].to_string();
    let missing = help(&["plugin", "inspect", "x"]);
    assert!(missing.contains("`build` and `pull`"), "{missing}");
    let missing = help(&["plugin", "inspect", "ghcr.io/me/x:1"]);
    assert!(missing.contains("--remote"), "{missing}");
}
