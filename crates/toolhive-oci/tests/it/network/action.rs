// SPDX-License-Identifier: Apache-2.0
//! The action of the repository, run as a runner of GitHub runs it: the steps of `action.yml` in order,
//! with their conditions and their environment, and with this binary in the archive that it installs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use super::served::Served;
use crate::support::{Sandbox, example};

/// A step of `action.yml`.
#[derive(Debug, Default)]
struct Step {
    id: String,
    condition: String,
    run: String,
    environment: BTreeMap<String, String>,
}

/// The action: its inputs with what they are by default, and its steps.
struct Action {
    inputs: BTreeMap<String, String>,
    steps: Vec<Step>,
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("a repository")
}

fn unquoted(text: &str) -> String {
    let text = text.trim();
    let inner = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(text).to_owned()
}

impl Action {
    /// Reads the file, in the plain form in which it is written.
    fn read() -> Self {
        let text = fs::read_to_string(repository().join("action.yml")).expect("action.yml");
        let (mut section, mut input) = (String::new(), String::new());
        let mut action = Self { inputs: BTreeMap::new(), steps: Vec::new() };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let indent = line.len() - line.trim_start().len();
            let (key, value) = line.trim().trim_start_matches("- ").split_once(':').expect("a key");
            match (indent, section.as_str()) {
                (0, _) => section = key.to_owned(),
                (2, "inputs") => {
                    input = key.to_owned();
                    action.inputs.insert(input.clone(), String::new());
                }
                (4, "inputs") if key == "default" => {
                    action.inputs.insert(input.clone(), unquoted(value));
                }
                (4, "runs") => action.steps.push(Step::default()),
                (6, "runs") => {
                    let step = action.steps.last_mut().expect("a step");
                    match key {
                        "id" => step.id = unquoted(value),
                        "if" => step.condition = unquoted(value),
                        "run" => step.run = unquoted(value),
                        "shell" | "env" => {}
                        key => panic!("{key}: this runner does not know it"),
                    }
                }
                (8, "runs") => {
                    let step = action.steps.last_mut().expect("a step");
                    step.environment.insert(key.to_owned(), unquoted(value));
                }
                _ => {}
            }
        }
        action
    }
}

/// A job that uses the action.
struct Job {
    sandbox: Sandbox,
    inputs: BTreeMap<String, String>,
    outputs: BTreeMap<String, String>,
}

/// The result of a run: the step that failed, if one did, and all that was printed.
struct Ran {
    failed: Option<String>,
    log: String,
}

/// An archive as a release has it, with this binary, and its digest: made once for all tests, below the
/// directory in which cargo builds.
static ARCHIVE: LazyLock<(PathBuf, String)> = LazyLock::new(|| {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("action");
    let name = "toolhive-oci-any-target";
    if place.exists() {
        fs::remove_dir_all(&place).expect("what the last run left");
    }
    fs::create_dir_all(place.join(name)).expect("a directory");
    let program = place.join(name).join("toolhive-oci");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_toolhive-oci"), program).expect("a link");
    let mut tar = Command::new("tar");
    tar.args(["--dereference", "--use-compress-program", "gzip -1", "-cf", "archive", name]);
    assert!(tar.current_dir(&place).status().expect("tar").success());
    let archive = place.join("archive");
    let bytes = fs::read(&archive).expect("the archive");
    let digest = oci_artifact::digest::sha256(&bytes).hex();
    (archive, digest)
});

impl Job {
    /// A job in a sandbox of its own.
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let (archive, digest) = &*ARCHIVE;
        let inputs = [
            ("path", example("plugins/release-notes")),
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("sha256", digest.clone()),
            ("url", format!("file://{}", archive.display())),
            ("sarif", sandbox.path("found.sarif").display().to_string()),
        ];
        let inputs = inputs.map(|(name, value)| (name.to_owned(), value)).into();
        Self { sandbox, inputs, outputs: BTreeMap::new() }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.inputs.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Evaluates an expression, the text between `${{` and `}}`.
    fn value(&self, expression: &str) -> String {
        let repository = repository();
        match expression.trim() {
            "github.action_path" => repository.display().to_string(),
            "github.server_url" => "https://server.invalid".to_owned(),
            "github.action_repository" => "me/toolhive-oci".to_owned(),
            other => match other.strip_prefix("inputs.") {
                Some(name) => self.inputs[name].clone(),
                None => self.outputs.get(other).cloned().expect(other),
            },
        }
    }

    fn filled(&self, text: &str) -> String {
        let mut parts = text.split("${{");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (expression, after) = part.split_once("}}").expect("an end");
            filled += &self.value(expression);
            filled += after;
        }
        filled
    }

    fn holds(&self, condition: &str) -> bool {
        condition.split("&&").filter(|part| !part.is_empty()).all(|part| {
            let name = part.trim().strip_suffix(" != ''").expect("a condition of this form");
            !self.value(name).is_empty()
        })
    }

    fn run(&mut self) -> Ran {
        let Action { inputs, steps } = Action::read();
        for name in self.inputs.keys() {
            assert!(inputs.contains_key(name), "{name} is no input");
        }
        for (name, value) in inputs {
            self.inputs.entry(name).or_insert(value);
        }
        let mut log = String::new();
        for step in steps {
            if !self.holds(&step.condition) {
                continue;
            }
            let written = self.sandbox.write(&format!("outputs/{}", step.id), "");
            let mut bash = Command::new("bash");
            bash.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", &step.run]);
            bash.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
            bash.env("GITHUB_OUTPUT", &written).env("GITHUB_PATH", self.sandbox.path("paths"));
            bash.env("GITHUB_STEP_SUMMARY", self.sandbox.path("summary"));
            bash.env("RUNNER_TEMP", self.sandbox.path("temp"));
            bash.env("RUNNER_OS", "Linux").env("RUNNER_ARCH", "X64");
            bash.envs(step.environment.iter().map(|(name, value)| (name, self.filled(value))));
            let output = bash.current_dir(self.sandbox.path(".")).output().expect("bash");
            log += &String::from_utf8_lossy(&output.stdout);
            log += &String::from_utf8_lossy(&output.stderr);
            for line in fs::read_to_string(&written).expect("outputs").lines() {
                let (name, value) = line.split_once('=').expect("name=value");
                self.outputs.insert(format!("steps.{}.outputs.{name}", step.id), value.to_owned());
            }
            if !output.status.success() {
                return Ran { failed: Some(step.id), log };
            }
        }
        Ran { failed: None, log }
    }
}

/// Whether the programs that the action uses are here.
fn can_run() -> bool {
    test_support::tools::are_installed(&["bash", "curl", "gzip", "sha256sum", "tar"])
}

#[test]
fn the_action_pushes_signs_and_verifies_what_it_builds() {
    if !can_run() {
        return;
    }
    let registry = Sandbox::new();
    registry.write("accounts", "me:a-secret\n");
    let served = Served::start(&registry, &["--accounts", "accounts"]);
    let reference = format!("{}/me/release-notes:1.2.0", served.addr);
    let key = registry.path("mine").display().to_string();
    registry.run(0, &["keys", "generate", "--output", &key]);
    let private = fs::read_to_string(registry.path("mine.key")).expect("a key");

    let mut job = Job::new()
        .with("reference", &reference)
        .with("username", "me")
        .with("password", "a-secret")
        .with("key", &private)
        .with("public-key", &registry.path("mine.pub").display().to_string());
    let Ran { failed, log } = job.run();
    assert_eq!(failed, None, "{log}");
    let golden = "sha256:98104016ba2ce47671fda9881a9403bc6cd3664d865d0534d6fcc6a344e5f09d";
    assert_eq!(job.outputs["steps.build.outputs.digest"], golden);
    let found = fs::read_to_string(&job.outputs["steps.validate.outputs.sarif"]).expect("SARIF");
    assert!(found.contains("\"2.1.0\""), "{found}");
    for secret in ["a-secret", private.lines().nth(1).expect("base64")] {
        assert!(!log.contains(secret), "a secret is printed");
    }
    assert!(!job.sandbox.path("temp/toolhive-oci/key").exists(), "the key is left behind");
    let summary = fs::read_to_string(job.sandbox.path("summary")).expect("a summary");
    assert!(summary.contains(golden) && summary.contains(&reference), "{summary}");
    for part in ["Findings", "RUNS BY ITSELF", "hooks/check_changelog.py"] {
        assert!(summary.contains(part), "the report is in the summary: {part}: {summary}");
    }

    // Somebody else's key.
    registry
        .run(0, &["keys", "generate", "--output", &registry.path("other").display().to_string()]);
    job = job.with("public-key", &registry.path("other.pub").display().to_string());
    assert_eq!(job.run().failed.as_deref(), Some("verify"));
}

#[test]
fn the_action_installs_nothing_but_what_was_pinned() {
    if !can_run() {
        return;
    }
    let mut job = Job::new().with("sha256", &"0".repeat(64));
    let Ran { failed, log } = job.run();
    assert_eq!(failed.as_deref(), Some("install"), "{log}");
    assert!(log.contains("has another SHA-256"), "{log}");
    assert!(!job.sandbox.path("temp/toolhive-oci/bin").exists(), "it was unpacked");
    let Ran { failed, log } = Job::new().with("sha256", "").run();
    assert_eq!(failed.as_deref(), Some("install"), "{log}");
    let Ran { failed, log } = Job::new().with("version", "9.9.9").run();
    assert_eq!(failed.as_deref(), Some("install"), "{log}");
}

#[test]
fn the_action_builds_without_a_registry_and_stops_at_errors() {
    if !can_run() {
        return;
    }
    let mut job = Job::new();
    let Ran { failed, log } = job.run();
    assert_eq!(failed, None, "{log}");
    assert!(job.outputs.contains_key("steps.build.outputs.digest"));

    let mut job = Job::new();
    let wrong = job.sandbox.plugin("wrong", r#"{"name": "Not A Name"}"#);
    job = job.with("path", &wrong.display().to_string());
    let Ran { failed, log } = job.run();
    assert_eq!(failed.as_deref(), Some("validate"), "{log}");
    // What was found is there for code scanning all the same.
    assert!(job.sandbox.path("found.sarif").exists());
}
