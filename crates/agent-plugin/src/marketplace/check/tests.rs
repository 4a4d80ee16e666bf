// SPDX-License-Identifier: Apache-2.0
//! Catalogues, as a host checks them.

use crate::Profile;

use super::*;

fn told(text: &str) -> (Vec<&'static str>, Vec<String>) {
    let mut findings = Findings::new(Profile::Claude);
    let locals = check(text.as_bytes(), "m.json", &mut findings);
    let report = findings.into_report();
    let codes = report.findings.iter().map(|finding| finding.code()).collect();
    (codes, locals.into_iter().map(|local| local.directory).collect())
}

fn with(plugins: &str) -> (Vec<&'static str>, Vec<String>) {
    told(&format!(
        r#"{{"name":"mm","owner":{{"name":"x"}},"description":"d","plugins":[{plugins}]}}"#
    ))
}

#[test]
fn what_the_host_refuses_of_a_catalogue_s_112() {
    assert_eq!(with(""), (vec!["catalogue-empty"], vec![]));
    assert_eq!(
        told(r#"{"name":"mm","plugins":[]}"#).0,
        ["catalogue-description", "catalogue-shape", "catalogue-empty"]
    );
    assert_eq!(told("[]").0, ["catalogue-shape"]);
    assert_eq!(told("{").0, ["json-syntax"]);
    assert_eq!(with("5").0, ["catalogue-entry"]);
    assert_eq!(with(r#"{"name":"p"}"#).0, ["catalogue-entry"]);
    let twice = r#"{"name":"p","source":"./p"},{"name":"p","source":"./q"}"#;
    assert_eq!(with(twice).0, ["catalogue-twice"]);
    for source in [
        "\"/p\"",
        "\"../p\"",
        "\"p\"",
        "\"./a/../b\"",
        "{\"source\":\"foo\"}",
        "{\"source\":\"npm\"}",
        "{\"source\":\"github\",\"repo\":\"a/b\",\"sha\":\"zz\"}",
    ] {
        let found = with(&format!(r#"{{"name":"p","source":{source}}}"#));
        assert_eq!(found, (vec!["catalogue-source"], vec![]), "{source}");
    }
    let moving = r#"{"name":"p","source":{"source":"github","repo":"a/b"}}"#;
    assert_eq!(with(moving).0, ["catalogue-moving"]);
}

#[test]
fn fields_sources_and_old_names_s_112() {
    for entry in [
        "\"version\":3",
        "\"category\":3",
        "\"tags\":\"x\"",
        "\"strict\":\"x\"",
        "\"author\":\"x\"",
        "\"author\":{}",
        "\"homepage\":\"x\"",
        "\"headersHelper\":3",
        "\"keywords\":\"x\"",
        "\"dependencies\":{}",
        "\"mcpServers\":{\"a\":\"x\"}",
        "\"lspServers\":{\"a\":{}}",
        "\"hooks\":{\"Nope\":[]}",
    ] {
        let found = with(&format!(r#"{{"name":"p","source":"./p",{entry}}}"#)).0;
        assert_eq!(found, ["catalogue-entry"], "{entry}");
    }
    let unknown = with(r#"{"name":"p","source":"./p","foo":1}"#).0;
    assert_eq!(unknown, ["unknown-field"]);
    assert_eq!(with(r#"{"name":"claude-x","source":"./p"}"#).0, ["name-reserved"]);
    for source in [
        r#"{"source":"git","url":"https://x.example/a"}"#,
        r#"{"source":"git-subdir","url":"a/b","path":"../x"}"#,
        r#"{"source":"npm","package":"x","registry":"nope"}"#,
        r#"{"source":"archive","url":"http://x.example/a.zip","sha256":"0"}"#,
        r#"{"source":"command","command":"a    b"}"#,
        r#"{"source":"command","command":"a","timeout":0}"#,
        r#"{"source":"command","command":"a","mode":"foo"}"#,
        r#"{"source":"github","repo":"a/b","ref":3,"sha":"0000000000000000000000000000000000000000"}"#,
    ] {
        let found = with(&format!(r#"{{"name":"p","source":{source}}}"#)).0;
        assert!(found.contains(&"catalogue-source"), "{source}: {found:?}");
    }
    let top = |more: &str| {
        told(&format!(
            r#"{{"name":"mm","owner":{{"name":"x"}},"description":"d",{more},
            "plugins":[{{"name":"p","source":"./p"}}]}}"#
        ))
        .0
    };
    for more in
        ["\"version\":3", "\"metadata\":3", "\"renames\":\"x\"", "\"renames\":{\"a\":\"b\"}"]
    {
        assert_eq!(top(more), ["catalogue-shape"], "{more}");
    }
    assert_eq!(top(r#""renames":{"a":"p","b":null,"c":"a"}"#), [""; 0]);
    for (name, code) in [("npm", Some("catalogue-name-kept")), ("inline", Some("catalogue-name"))] {
        let text = format!(
            r#"{{"name":"{name}","owner":{{"name":"x"}},"description":"d","plugins":[{{"name":"p","source":"./p"}}]}}"#
        );
        assert_eq!(told(&text).0, Vec::from_iter(code), "{name}");
    }
}

#[test]
fn local_plugins_are_found_s_112() {
    let (codes, locals) = with(r#"{"name":"a","source":"./"},{"name":"b","source":"./x/b"}"#);
    assert_eq!((codes, locals), (vec![], vec![String::new(), "x/b".to_owned()]));
}
