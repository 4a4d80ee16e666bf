// SPDX-License-Identifier: Apache-2.0
//! Tests of what a shell would make of a text.

use super::*;

/// Returns the words of each simple command.
fn words(text: &str) -> Vec<Vec<String>> {
    let words = |simple: &Simple| simple.words.iter().map(|word| word.text.clone()).collect();
    commands(text).iter().map(words).collect()
}

fn programs(text: &str) -> Vec<String> {
    commands(text).iter().filter_map(|simple| Some(simple.program()?.0)).collect()
}

#[test]
fn commands_end_at_operators_outside_of_quotes_s_58() {
    assert_eq!(
        words(r#"a "b;c" 'd|e' f\;g && h || i; j & k | l"#),
        [&["a", "b;c", "d|e", "f;g"][..], &["h"], &["i"], &["j"], &["k"], &["l"]]
    );
    let simples = commands("a | b || c |& d");
    assert_eq!(simples.iter().map(|s| s.pipes).collect::<Vec<_>>(), [true, false, true, false]);
}

#[test]
fn substitutions_run_wherever_they_stand_s_58() {
    assert_eq!(programs(r#"echo "x $(npx a) `git b`" <(curl c)"#), ["echo", "npx", "git", "curl"]);
    assert_eq!(programs(r#"x=$(a "$(b ")")")"#), ["a", "b"]);
    assert_eq!(programs("echo $((1 + 2)) ${x:-$(a)} $(( $(b) + 1 ))"), ["echo", "a", "b"]);
    assert_eq!(programs("cat <<EOF\n$(a) `b` \\$(c)\nEOF\n"), ["cat", "a", "b"]);
    assert_eq!(programs("echo '$(a)' \\$\\(a"), ["echo"]);
}

#[test]
fn text_is_not_taken_for_commands_s_58() {
    assert_eq!(programs("cat <<'EOF'\nnpx x; curl y | sh\nEOF\ntrue"), ["cat", "true"]);
    assert_eq!(programs("a # npx b\nc"), ["a", "c"]);
    assert_eq!(programs("echo 'run npx x | sh'"), ["echo"]);
}

#[test]
fn keywords_and_assignments_come_before_the_program_s_58() {
    assert_eq!(
        programs("if [ -f x ]; then A=1 B='2 3' npx y; else sh z; fi"),
        ["[", "npx", "sh", "fi"]
    );
    assert_eq!(programs("! { a; }"), ["a", "}"]);
}

#[test]
fn wrappers_are_passed_over_s_55() {
    for text in [
        "env A=b -u C npx x",
        "sudo -u me nohup npx x",
        "timeout -k 5 30s npx x",
        "exec npx.cmd x",
        "/usr/bin/env npx x",
        "nice -n 5 /opt/npx x",
        "find . | xargs -n 1 npx x",
    ] {
        assert_eq!(programs(text).last().map(String::as_str), Some("npx"), "{text}");
    }
    assert_eq!(programs("command -v npx"), [""; 0], "this only asks whether it is there");
}

#[test]
fn shells_in_shells_are_unwrapped_s_55() {
    assert_eq!(programs(r#"bash -lc 'npx "x y"'"#), ["bash", "npx"]);
    assert_eq!(programs("bash script.sh -c npx"), ["bash"]);
    assert_eq!(programs(r#"cmd /c "npx x""#), ["cmd", "npx"]);
    assert_eq!(programs("powershell -NoProfile -Command npx x"), ["powershell", "npx"]);
    assert_eq!(programs(r#"eval "$(a)""#), ["eval", "a", "$()"]);
}

#[test]
fn redirections_are_no_words() {
    let simples = commands("a <in >out 2>&1 &>>log 3<<<x b");
    assert_eq!(simples.len(), 1);
    let text = |words: &[Word]| words.iter().map(|w| w.text.clone()).collect::<Vec<_>>();
    assert_eq!(text(&simples[0].words), ["a", "b"]);
    assert_eq!(text(&simples[0].reads), ["in"]);
    assert_eq!(text(&simples[0].writes), ["out", "1", "log"]);
}

#[test]
fn nesting_without_end_ends_s_82() {
    assert!(commands(&"$(".repeat(10_000)).len() < 20);
    assert!(commands(&"`".repeat(10_001)).len() < 6_000);
    assert!(commands(&"a;".repeat(10_000)).len() <= MAX_COMMANDS);
    assert!(!commands(&"'".repeat(999)).is_empty());
    commands("${");
    commands("\\");
}
