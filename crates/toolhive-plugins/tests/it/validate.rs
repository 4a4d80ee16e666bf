// SPDX-License-Identifier: Apache-2.0
//! Validation of a plugin (plugin-surface.md, 6.1): each rule broken, and what looks as if it were.

use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;
use test_support::vectors::{Expect, load, materialise};
use toolhive_plugins::packager::Packager;
use toolhive_plugins::store::Store;
use toolhive_plugins::traits::PackageOptions;
use toolhive_plugins::validate::{Finding, Profile, Report, validate};

struct Place(TempDir);

impl Place {
    /// A plugin in a directory `demo` with this manifest and these files.
    fn new(manifest: &str, files: &[(&str, &str)]) -> Self {
        let place = Self(TempDir::new().expect("a directory"));
        for (name, text) in files.iter().chain([&(".claude-plugin/plugin.json", manifest)]) {
            place.write(name, text);
        }
        place
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.path().join("demo").join(name);
        fs::create_dir_all(path.parent().expect("has one")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    fn report(&self, profile: Profile) -> Report {
        validate(&self.0.path().join("demo"), profile).expect("a directory")
    }

    fn told(&self) -> Vec<String> {
        let mut told: Vec<String> =
            self.report(Profile::Claude).findings.iter().map(tell).collect();
        told.retain(|line| !line.contains("no-components"));
        told
    }
}

fn tell(finding: &Finding) -> String {
    let path = finding.diagnostic.path.as_deref().map(|path| path.display().to_string());
    let path = path.unwrap_or_default().replace(".claude-plugin/plugin.json", "-");
    let place = finding
        .diagnostic
        .position
        .map_or(String::new(), |position| format!(":{}:{}", position.line, position.column));
    let severity = finding.severity.as_str();
    format!("{severity} {} {path}{place}", finding.code()).trim_end().to_owned()
}

/// A manifest with everything that is advised, and these lines of members.
fn manifest(members: &str) -> String {
    format!(
        "{{\"name\": \"demo\", \"version\": \"1\", \"description\": \"x\", \"author\": {{\"name\": \
         \"me\"}},\n{members}\n\"license\": \"MIT\"}}"
    )
}

/// The findings of a plugin with these members, but for notes.
fn with(members: &str, files: &[(&str, &str)]) -> Vec<String> {
    let mut told = Place::new(&manifest(members), files).told();
    told.retain(|line| !line.starts_with("info "));
    told
}

const SKILL: &str = "---\nname: a\ndescription: What it is for.\n---\n";
const AGENT: &str = "---\nname: a\ndescription: What it is for.\n---\n";

#[test]
fn a_good_plugin_is_valid_everywhere() {
    let members = r#""skills": ["./skills/ab"], "commands": ["./commands"], "agents": ["./agents/a.md"],
        "keywords": ["x"], "homepage": "https://example.com", "repository": "https://example.com/r",
        "requires": ["ghcr.io/o/p:v1"], "dependencies": ["other"],"#;
    let skill = SKILL.replace("name: a", "name: ab");
    let files = [
        ("skills/ab/SKILL.md", skill.as_str()),
        ("skills/ab/scripts/x.sh", "#!/bin/sh\n"),
        ("commands/c.md", AGENT),
        ("agents/a.md", AGENT),
        ("hooks/hooks.json", r#"{"hooks": {}}"#),
        (".mcp.json", r#"{"mcpServers": {"s": {"command": "true", "env": {"A": "1"}}}}"#),
    ];
    let place = Place::new(&manifest(members), &files);
    for profile in [Profile::Claude, Profile::Toolhive] {
        assert_eq!(place.report(profile).findings.iter().map(tell).collect::<Vec<_>>(), [""; 0]);
    }
}

#[test]
fn manifest_missing_and_marketplace() {
    let place = Place(TempDir::new().expect("a directory"));
    place.write("commands/c.md", "no frontmatter");
    let told = ["error manifest-missing -", "warning no-frontmatter commands/c.md:1:1"];
    assert_eq!(place.told(), told);
    place.write(".claude-plugin/marketplace.json", "{}");
    // With components it is a plugin, too, to every command.
    assert!(place.told().contains(&"info catalogue-beside .claude-plugin/marketplace.json".into()));
    let alone = Place(TempDir::new().expect("a directory"));
    alone.write(".claude-plugin/marketplace.json", "{}");
    assert!(alone.told().contains(&"error marketplace .claude-plugin/marketplace.json".into()));
}

#[test]
fn json_syntax_and_json_duplicate_key() {
    assert_eq!(Place::new("{\"name\": \"x\",}", &[]).told(), ["error json-syntax -:1:13"]);
    assert_eq!(Place::new("[]", &[]).told(), ["error field-type -:1:1"]);
    let twice = with("\"x-y\": 1,\n\"X-Y\": 2,", &[]);
    assert!(twice.contains(&"error json-duplicate-key -:3:1".to_owned()), "{twice:?}");
    let files = [
        ("hooks/hooks.json", "{\n\"hooks\": {} \"x\"}"),
        (".mcp.json", "{\"a\":{\"command\":\"x\",\"env\":{\"A\":\"\",\"A\":\"\"}}}"),
    ];
    let wanted =
        ["error json-duplicate-key .mcp.json:1:35", "error json-syntax hooks/hooks.json:2:13"];
    assert_eq!(with("", &files), wanted);
    // A file that the manifest names.
    let named = with("\"mcpServers\": \"./x.json\",", &[("x.json", "{")]);
    assert_eq!(named, ["error json-syntax x.json:1:2"]);
}

#[test]
fn name_rules() {
    let named = |name: &str| {
        let text = manifest("").replace("\"demo\"", &format!("\"{name}\""));
        let mut told = Place::new(&text, &[]).told();
        told.retain(|line| !line.contains("thv-"));
        told.iter()
            .map(|line| line.split(' ').nth(1).unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(named("demo-2"), [""; 0]);
    assert_eq!(named("De mo"), ["name-chars"]);
    assert_eq!(named("a@b"), ["name-install"]);
    assert_eq!(named("a\u{202e}b"), ["name-chars"]);
    assert_eq!(named("Demo"), ["name-kebab"]);
    assert_eq!(named("dé"), ["name-install"]);
    assert_eq!(named(".demo"), ["name-install"]);
    assert_eq!(named("claude-tools"), ["name-reserved"]);
    assert_eq!(named(""), ["name-missing"]);
    // Regardless of the author in the manifest: anybody can say that.
    let own = manifest("").replace("\"demo\"", "\"claude-x\"").replace("\"me\"", "\"Anthropic\"");
    assert!(Place::new(&own, &[]).told().iter().any(|line| line.contains("name-reserved")));
}

#[test]
fn toolhives_own_rules_are_errors_under_its_profile() {
    let text = manifest("\"hooks\": {}, \"skills\": [\"skills/a\"],").replace("demo", "Other");
    let place = Place::new(&text, &[("skills/a/SKILL.md", SKILL)]);
    let of = |profile| {
        let told: Vec<String> = place.report(profile).findings.iter().map(tell).collect();
        told.into_iter().filter(|line| line.contains("thv-")).collect::<Vec<_>>()
    };
    let rules = [
        "thv-name -:1:10",
        "thv-name-dir -:1:10",
        "thv-array-fields -:2:10",
        "thv-array-fields -:2:25",
    ];
    assert_eq!(of(Profile::Claude), rules.map(|rule| format!("warning {rule}")));
    assert_eq!(of(Profile::Toolhive), rules.map(|rule| format!("error {rule}")));
    let many: Vec<String> = (0..101).map(|_| "\"./skills/a\"".to_owned()).collect();
    let members = format!("\"skills\": [{}],", many.join(","));
    assert_eq!(with(&members, &[("skills/a/SKILL.md", SKILL)]), ["warning thv-limits -:2:11"]);
    let below = with("\"skills\": [\"./more\"],", &[("more/a/SKILL.md", SKILL)]);
    assert_eq!(below, ["warning thv-skill-entry -:2:12"]);
}

#[test]
fn agent_plugins_have_rules_of_their_own() {
    let place = Place::new(&manifest("").replace("\"demo\"", "\"demo_2\""), &[]);
    let report = place.report(Profile::AgentPlugins);
    let told: Vec<String> = report.findings.iter().map(tell).collect();
    assert!(told.contains(&"error ap-name -:1:10".to_owned()), "{told:?}");
    assert!(told.contains(&"error ap-schema plugin.json".to_owned()), "{told:?}");
    assert!(!place.told().iter().any(|line| line.contains(" ap-")));
}

#[test]
fn field_type_unknown_field_and_what_is_ignored_s_5() {
    for (members, wanted) in [
        ("\"keywords\": \"x\",", "error field-type -:2:13"),
        ("\"keywords\": [\"x\", 1],", "error field-type -:2:19"),
        ("\"author\": \"me\",", "error field-type -:2:11"),
        ("\"repository\": {\"url\": \"x\"},", "error field-type -:2:15"),
        ("\"defaultEnabled\": \"yes\",", "error field-type -:2:19"),
        ("\"displayName\": null,", "error field-type -:2:16"),
        ("\"channels\": [\"x\"],", "error field-type -:2:14"),
        ("\"metadata\": 1,", "warning field-ignored -:2:13"),
        ("\"category\": \"x\",", "warning unknown-field -:2:1"),
        ("\"Keywords\": [\"x\"],", "warning unknown-field -:2:1"),
        ("\"themes\": [],", "warning experimental-top -:2:1"),
        ("\"homepage\": \"example.com\",", "error homepage-url -:2:13"),
    ] {
        assert!(
            with(members, &[]).contains(&wanted.to_owned()),
            "{members}: {:?}",
            with(members, &[])
        );
    }
    let dependencies = with("\"dependencies\": {\"zod\": \"latest\"},", &[]);
    assert!(dependencies.contains(&"error field-type -:2:17".to_owned()));
}

#[test]
fn missing_version_description_author_and_author_name() {
    let told = Place::new("{\"name\": \"demo\"}", &[]).told();
    let missing = ["missing-author", "missing-description", "missing-version"];
    assert_eq!(told, missing.map(|rule| format!("warning {rule} -:1:1")));
    let blank = with("", &[]);
    assert_eq!(blank, [""; 0]);
    let text = manifest("").replace("\"me\"", "\"\"");
    assert_eq!(Place::new(&text, &[]).told(), ["error author-name -:1:64"]);
}

#[test]
fn component_paths_s_7() {
    for (members, rule) in [
        ("\"skills\": \"skills/a\",", "path-prefix"),
        ("\"commands\": [\"./../x\"],", "path-escape"),
        ("\"agents\": [\"/etc/a.md\"],", "path-escape"),
        ("\"commands\": [\".\\\\x\"],", "path-backslash"),
        ("\"outputStyles\": \"./gone\",", "path-missing"),
        ("\"hooks\": [\"./gone.json\"],", "path-missing"),
        ("\"commands\": [\"./plugins/*/commands\"],", "path-missing"),
        ("\"skills\": [\"./skills/a/SKILL.md\"],", "skills-file"),
        ("\"agents\": [\"./agents\"],", "agents-dir"),
    ] {
        let files = [("skills/a/SKILL.md", SKILL), ("agents/a.md", AGENT)];
        let told = with(members, &files);
        let is_rule = |line: &String| line.starts_with(&format!("error {rule} -:2:"));
        assert!(told.iter().any(is_rule), "{members}: {told:?}");
    }
    let fine = r#""skills": ".", "commands": {"a": {"source": "./a.md"}}, "#;
    let told =
        with(fine, &[("SKILL.md", "---\nname: demo\ndescription: x\n---\n"), ("a.md", AGENT)]);
    assert!(told.iter().all(|line| line.contains("thv-")), "{told:?}");
}

#[test]
fn userconfig_schema_s_69() {
    let option = |option: &str| with(&format!("\"userConfig\": {{{option}}},"), &[]);
    let good =
        r#""key_1": {"type": "string", "title": "T", "description": "D", "sensitive": true}"#;
    assert_eq!(option(good), [""; 0]);
    for bad in [
        good.replace("key_1", "key-1"),
        good.replace("string", "text"),
        good.replace("\"title\": \"T\", ", ""),
        "\"a\": 1".to_owned(),
    ] {
        let told = option(&bad);
        let [one] = told.as_slice() else { panic!("{bad}: {told:?}") };
        assert!(one.starts_with("error userconfig-schema -:2:"), "{bad}: {one}");
    }
    assert_eq!(option(&good.replace("\"D\"", "\"\"")), [""; 0], "the host takes it");
}

#[test]
fn texts_are_checked_where_hosts_find_them_s_13_to_s_15() {
    let bad = "no frontmatter\n";
    let files = [
        ("skills/a/SKILL.md", bad),
        ("skills/a/b/SKILL.md", bad),
        ("skills/a/notes.md", bad),
        ("commands/deep/c.md", bad),
        ("commands/c.txt", bad),
        ("agents/a.md", bad),
        ("docs/x.md", bad),
    ];
    let wanted = [
        "warning no-frontmatter agents/a.md:1:1",
        "warning no-frontmatter commands/deep/c.md:1:1",
        "warning no-frontmatter skills/a/SKILL.md:1:1",
    ];
    assert_eq!(with("", &files), wanted);
    // What the manifest names replaces the default place of commands, and adds to that of skills.
    let moved = with(
        "\"commands\": [\"./docs\"], \"skills\": [\"./more\"],",
        &[
            ("commands/c.md", bad),
            ("docs/x.md", bad),
            ("more/SKILL.md", bad),
            ("skills/a/SKILL.md", bad),
        ],
    );
    let wanted = [
        "warning default-ignored commands",
        // It does not load, but another host may read it (S-10).
        "warning no-frontmatter commands/c.md:1:1",
        "warning no-frontmatter docs/x.md:1:1",
        "warning no-frontmatter more/SKILL.md:1:1",
        "warning no-frontmatter skills/a/SKILL.md:1:1",
    ];
    assert_eq!(moved, wanted);
    assert_eq!(with("", &[("SKILL.md", bad)]), ["warning no-frontmatter SKILL.md:1:1"]);
}

#[test]
fn skill_unreached_s_15() {
    let unreached = ["warning skill-unreached pdf/SKILL.md"];
    assert_eq!(with("", &[("pdf/SKILL.md", SKILL)]), unreached);
    let files = [
        ("skills/a/SKILL.md", SKILL),
        ("skills/a/deep/SKILL.md", SKILL),
        ("tests/fixtures/x/SKILL.md", SKILL),
        (".hidden/SKILL.md", SKILL),
    ];
    assert_eq!(with("", &files), [""; 0]);
    let deeper = with("", &[("skills/group/a/SKILL.md", SKILL)]);
    assert_eq!(deeper, ["warning skill-unreached skills/group/a/SKILL.md"]);
}

#[test]
fn name_collision() {
    let files = [("skills/a/SKILL.md", SKILL), ("commands/a.md", AGENT), ("commands/b.md", AGENT)];
    assert_eq!(with("", &files), ["warning name-collision commands/a.md"]);
}

#[test]
fn root_claude_md_and_in_dot_claude_plugin_s_76() {
    let files = [("CLAUDE.md", "x"), (".claude-plugin/commands/c.md", AGENT)];
    let wanted = [
        "warning in-dot-claude-plugin .claude-plugin/commands",
        "warning root-claude-md CLAUDE.md",
    ];
    assert_eq!(with("", &files), wanted);
}

#[test]
fn other_format_and_the_packagings_notes_s_19() {
    let place = Place::new(
        &manifest(""),
        &[(".codex-plugin/plugin.json", "{}"), ("skills/a/SKILL.md", SKILL)],
    );
    let wanted = [
        "warning dropped-by-packer .codex-plugin/plugin.json",
        "info hidden-left-out .codex-plugin/",
        "info other-format .codex-plugin/plugin.json",
        "info inventory-empty -",
    ];
    let mut told = place.told();
    told.sort_by_key(|line| wanted.iter().position(|wanted| wanted == line));
    assert_eq!(told, wanted);
}

#[test]
fn thv_symlink_everywhere_and_all_at_once_s_8() {
    let place = Place::new(&manifest(""), &[]);
    symlink("x", place.0.path().join("demo/a")).expect("a link");
    symlink("x", place.0.path().join("demo/b")).expect("a link");
    let wanted = [
        "warning symlink-dangling a",
        "error thv-symlink a",
        "warning symlink-dangling b",
        "error thv-symlink b",
    ];
    assert_eq!(place.told(), wanted);
}

#[test]
fn manifest_size_and_pw_1_not_packaged_pd_3() {
    let long = manifest(&format!("\"displayName\": \"{}\",", "x".repeat(70_000)));
    assert!(Place::new(&long, &[]).told().contains(&"error manifest-size -".to_owned()));
    let place = Place::new(&manifest(""), &[]);
    let socket = std::os::unix::net::UnixListener::bind(place.0.path().join("demo/s"));
    assert_eq!(place.told(), ["error not-packaged s"]);
    drop(socket);
}

/// Findings of the inventory come with their line; `SURFACE.md` has the tests of each of its rules.
#[test]
fn what_would_run_is_checked_too_s_32_s_40_s_59() {
    let hooks = r#"{"hooks": {"Stop": [{"hooks": [
  {"type": "command", "timeout": 5000,
   "command": "bash \"${CLAUDE_PLUGIN_ROOT}/gone.sh\""}]}]}}"#;
    let servers = r#"{"mcpServers": {"a": {"command": "npx", "args": ["-y", "some-server"]}}}"#;
    let told = with("", &[("hooks/hooks.json", hooks), (".mcp.json", servers)]);
    let rules: Vec<_> =
        told.iter().map(|line| line.split(':').next().unwrap_or_default()).collect();
    let wanted = [
        "warning fetch-moving .mcp.json",
        "error ref-missing hooks/hooks.json",
        "warning hook-timeout hooks/hooks.json",
    ];
    let mut rules = rules;
    rules.sort_unstable();
    let mut wanted = wanted.to_vec();
    wanted.sort_unstable();
    assert_eq!(rules, wanted, "{told:?}");
    assert!(told.iter().all(|line| line.contains(":")), "{told:?}");
}

/// `validate` and `build` agree on what cannot be packaged, for all the vectors of the reference.
#[test]
fn valid_is_what_can_be_packaged() {
    let parent = TempDir::new().expect("a directory");
    let store = Store::open(parent.path().join("store")).expect("opens");
    for (number, vector) in load("plugin").iter().enumerate() {
        if vector.name.starts_with("size-") {
            continue;
        }
        let path = parent.path().join(number.to_string());
        materialise(vector, &path);
        let Ok(report) = validate(&path, Profile::Claude) else {
            assert!(matches!(vector.expect, Expect::Error { .. }), "{}", vector.name);
            continue;
        };
        let packager = Packager::new(store.clone());
        let built = packager.package_blocking(&path, &PackageOptions::default(), &());
        let told: Vec<String> = report.findings.iter().map(tell).collect();
        // Some rules of hosts are errors, too; none of what is refused is less.
        assert!(built.is_ok() || !report.is_valid(), "{}: {told:?}", vector.name);
    }
}

#[test]
fn names_that_other_systems_cannot_hold_are_told_by_validation_and_packaging_dev_8() {
    let files =
        [("Docs/a.md", "x"), ("docs/b.md", "y"), ("notes:1.md", "z"), ("cafe\u{301}.md", "")];
    let place = Place::new(&manifest(""), &files);
    place.write("caf\u{e9}.md", "");
    // What is left out has no part in it.
    place.write(".hidden/aux", "");
    assert_eq!(
        place.told(),
        [
            "info hidden-left-out .hidden/",
            "warning path-clash caf\u{e9}.md",
            "warning path-clash docs",
            "warning path-windows notes:1.md",
        ]
    );
    let store = TempDir::new().expect("a directory");
    let packager = Packager::new(Store::open(store.path().join("store")).expect("opens"));
    let directory = place.0.path().join("demo");
    let built = packager.package_blocking(&directory, &PackageOptions::default(), &());
    let warnings = built.expect("is packaged").warnings;
    let told: Vec<_> = warnings.iter().filter_map(|warning| warning.rule).collect();
    assert_eq!(told, ["hidden-left-out", "path-clash", "path-windows"]);
}

#[test]
fn what_a_public_directory_demands_s_113() {
    let codes = |place: &Place, profile| {
        let report = place.report(profile);
        let of = report.findings.iter().map(|finding| finding.code());
        of.filter(|code| code.starts_with("directory-")).collect::<Vec<_>>()
    };
    let bare = Place::new(&manifest("").replace("\"license\": \"MIT\"", "\"keywords\": []"), &[]);
    let wanted = ["directory-icon", "directory-license", "directory-readme"];
    assert_eq!(codes(&bare, Profile::Directory), wanted);
    assert_eq!(codes(&bare, Profile::Claude), [""; 0]);
    let files = [("README.md", "x"), ("LICENSE", "x"), ("assets/icon.png", "x")];
    let whole = Place::new(&manifest("").replace("MIT", ""), &files);
    assert_eq!(codes(&whole, Profile::Directory), [""; 0]);
    // One that calls another machine says what becomes of what it sends.
    let server = r#"{"mcpServers":{"a":{"type":"http","url":"https://mcp.example/"}}}"#;
    let files = [files[0], files[1], files[2], (".mcp.json", server)];
    let calls = Place::new(&manifest(""), &files);
    assert_eq!(codes(&calls, Profile::Directory), ["directory-privacy"]);
    let policy = "\"privacyPolicyUrl\": \"https://example.com/\",";
    assert_eq!(codes(&Place::new(&manifest(policy), &files), Profile::Directory), [""; 0]);
}
