// SPDX-License-Identifier: Apache-2.0
//! The schemas in `docs/schema`, against which every JSON document is held that a test has printed (VB-13).

use std::path::Path;
use std::sync::OnceLock;

use serde_json::Value;
use test_support::schema::Schemas;

/// The commands without a kind, and those with one.
const TOP: [&str; 7] = ["store", "marketplace", "lock", "places", "keys", "login", "logout"];
const KINDS: [&str; 4] = ["plugin", "skill", "plugins", "skills"];

/// All schemas.
pub(crate) fn schemas() -> &'static Schemas {
    static ALL: OnceLock<Schemas> = OnceLock::new();
    ALL.get_or_init(|| {
        Schemas::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema"))
    })
}

/// Checks what a command with these arguments printed on stdout, if it is JSON of ours.
pub(crate) fn check(args: &[&str], stdout: &[u8]) {
    let is_given = |format| args.windows(2).any(|pair| pair == ["--format", format]);
    let text = String::from_utf8_lossy(stdout);
    if is_given("json") {
        check_one(args, &text, &schema_of(args));
    } else if is_given("jsonl") && serde_json::from_str::<Value>(&text).is_ok() {
        // A line, or the failure of all of it, which may have more.
        check_one(args, &text, "build-line.json");
    } else if is_given("jsonl") {
        text.lines().for_each(|line| check_one(args, line, "build-line.json"));
    }
}

fn check_one(args: &[&str], text: &str, schema: &str) {
    // Parts of artifacts are as they are, and some tests end a command early.
    if ["manifest.json", "blob.json"].contains(&schema) || text.is_empty() {
        return;
    }
    let document: Value =
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{args:?}: {error}"));
    let is_failure =
        document.as_object().is_some_and(|all| all.len() == 1 && all.contains_key("error"));
    let schema = if is_failure { "error.json" } else { schema };
    let problems = schemas().check(schema, &document);
    assert!(problems.is_empty(), "{args:?}: {schema}: {problems:?}: {document}");
}

/// The file of the schema for what a command prints.
pub(crate) fn schema_of(args: &[&str]) -> String {
    let mut words = args.iter().skip_while(|word| !TOP.contains(word) && !KINDS.contains(word));
    let top = words.next().copied().unwrap_or_default();
    let verb = words.next().copied().unwrap_or_default();
    let has = |word: &str| args.contains(&word);
    let name = match (KINDS.contains(&top), top, verb) {
        (true, _, "builds") if has("remove") => "builds-remove",
        (true, _, "list" | "ls") if has("--stored") => "stored",
        (true, _, "ls") => "list",
        (true, _, "copy" | "publish") => "push",
        (true, _, "lock") => "install",
        (true, _, "outdated") => "upgrade",
        (true, _, verb) => verb,
        (_, "store", "list" | "ls") => "stored",
        (_, "store", verb) => return format!("store-{verb}.json"),
        (_, "marketplace", "validate") => "validate",
        (_, "marketplace", _) => "marketplace-generate",
        (_, "lock", _) => "lock-check",
        (_, "keys", _) => "keys-generate",
        (_, top, _) => top,
    };
    format!("{name}.json")
}
