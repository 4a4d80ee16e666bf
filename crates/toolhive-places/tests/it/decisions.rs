// SPDX-License-Identifier: Apache-2.0
//! The table of decisions (PL-1): every thing that can stand in a place, with every task.

use toolhive_places::{Decision, Force, Found, Task, Whose, decide};

fn tree(whose: Whose) -> Found {
    Found::Tree(whose, Some("sha256:0".to_owned()))
}

/// Returns the decisions without and with force, as words.
fn words(task: Task, found: &Found) -> [&'static str; 2] {
    [Force::No, Force::Yes].map(|force| decide(task, found, force).as_str())
}

#[test]
fn the_table_of_decisions_is_that_of_the_specification_pl_1() {
    use Task::{Install, Remove, Sync};
    let rows: [(Found, [[&str; 2]; 3]); 7] = [
        (Found::Nothing, [["put"; 2], ["put"; 2], ["keep"; 2]]),
        (tree(Whose::Wanted), [["keep"; 2], ["keep"; 2], ["remove"; 2]]),
        (tree(Whose::Known), [["replace"; 2], ["replace"; 2], ["remove"; 2]]),
        (tree(Whose::Edited), [["refuse", "replace"], ["replace"; 2], ["refuse", "remove"]]),
        (
            tree(Whose::Foreign),
            [["refuse", "replace"], ["refuse", "replace"], ["refuse", "remove"]],
        ),
        (Found::Link, [["refuse"; 2]; 3]),
        (Found::File, [["refuse"; 2]; 3]),
    ];
    for (found, expected) in rows {
        for (task, expected) in [Install, Sync, Remove].into_iter().zip(expected) {
            assert_eq!(words(task, &found), expected, "{task:?} of {found:?}");
        }
    }
}

#[test]
fn a_refusal_says_what_is_there() {
    for (found, why) in [
        (Found::Link, "a link is there"),
        (Found::File, "a file is there"),
        (tree(Whose::Edited), "the directory that is there was edited"),
        (tree(Whose::Foreign), "a directory is there that is not a known artifact"),
    ] {
        assert_eq!(decide(Task::Install, &found, Force::No), Decision::Refuse(why));
    }
}
