// SPDX-License-Identifier: Apache-2.0
//! Containers: which image is run (S-58), and secrets on the command line (S-52 c).

use super::{add, pin, words::Arguments};
use crate::command::{Analysis, Problem, env};
use crate::inventory::Pin;
use crate::shell::Word;

/// Options before and after the verb that take a value.
const WITH_VALUE: [&str; 44] = [
    "-e",
    "--env",
    "-v",
    "--volume",
    "-p",
    "--publish",
    "-w",
    "--workdir",
    "-u",
    "--user",
    "--name",
    "--network",
    "--net",
    "--mount",
    "--entrypoint",
    "--platform",
    "--env-file",
    "-h",
    "--hostname",
    "-m",
    "--memory",
    "--cpus",
    "--add-host",
    "--label",
    "-l",
    "--restart",
    "--gpus",
    "--device",
    "--cap-add",
    "--cap-drop",
    "--security-opt",
    "--tmpfs",
    "--ulimit",
    "--shm-size",
    "--pull",
    "--log-driver",
    "--log-opt",
    "--pid",
    "--ipc",
    "--dns",
    "--runtime",
    "--cidfile",
    "-c",
    "--context",
];

/// Notes the image that `docker run`, `create` or `pull` needs.
pub(super) fn recognise(program: &str, arguments: &[Word], analysis: &mut Analysis) {
    let mut words = Arguments::of(arguments, &WITH_VALUE);
    let Some(verb) = words.next() else { return };
    if verb.text == "compose" {
        return compose(program, words.rest(), analysis);
    }
    if !matches!(verb.text.as_str(), "run" | "create" | "pull") {
        return;
    }
    let mut rest = Arguments::of(words.rest(), &WITH_VALUE);
    let variables = rest.values(&["-e", "--env"]);
    if let Some(image) = rest.next() {
        let tool = format!("{program} {}", verb.text);
        add(analysis, &tool, &image.text, pin::image(&image.text), "oci");
    }
    for variable in variables {
        // `-e NAME` alone hands a variable on without showing it.
        if let Some((name, _)) = variable.split_once('=')
            && env::is_secret(name)
        {
            let message = format!("{name} is on the command line, where other users can see it");
            analysis.problems.push(Problem::new("secret-in-arguments", message));
        }
    }
}

/// Notes the file that says which images are run together.
fn compose(program: &str, arguments: &[Word], analysis: &mut Analysis) {
    const VALUES: [&str; 6] = ["-f", "--file", "-p", "--project-name", "--profile", "--env-file"];
    let mut words = Arguments::of(arguments, &VALUES);
    let files = words.values(&["-f", "--file"]);
    let verb = words.next().map_or("", |word| word.text.as_str());
    if matches!(verb, "up" | "run" | "pull" | "create" | "build" | "watch") {
        let what = files.first().map_or("compose.yaml", String::as_str);
        let tool = format!("{program} compose {verb}");
        add(analysis, &tool, what, Pin::Moving, "oci");
    }
}
