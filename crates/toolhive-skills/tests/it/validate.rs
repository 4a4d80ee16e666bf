// SPDX-License-Identifier: Apache-2.0
//! Validation of a skill on its own: what the packaging refuses is an error, and reported once.

use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;
use test_support::vectors::{Expect, load, materialise};
use toolhive_skills::packager::Packager;
use toolhive_skills::store::Store;
use toolhive_skills::traits::PackageOptions;
use toolhive_skills::validate::{Finding, Profile, Report, validate};

struct Place(TempDir);

impl Place {
    /// A skill `demo` with these files.
    fn new(files: &[(&str, &str)]) -> Self {
        let place = Self(TempDir::new().expect("a directory"));
        let root = place.0.path().join("demo");
        fs::create_dir(&root).expect("a directory");
        for (name, text) in files {
            let path = root.join(name);
            fs::create_dir_all(path.parent().expect("has one")).expect("a directory");
            fs::write(path, text).expect("a file");
        }
        place
    }

    fn report(&self, profile: Profile) -> Report {
        validate(&self.0.path().join("demo"), profile).expect("a directory")
    }

    fn told(&self, profile: Profile) -> Vec<String> {
        self.report(profile).findings.iter().map(tell).collect()
    }
}

fn tell(finding: &Finding) -> String {
    let path = finding.diagnostic.path.as_deref().map(|path| path.display().to_string());
    let severity = finding.severity.as_str();
    format!("{severity} {} {}", finding.code(), path.unwrap_or_default()).trim_end().to_owned()
}

const GOOD: &str = "---\nname: demo\ndescription: What it is for.\n---\n# Demo\n";

#[test]
fn a_good_skill_is_valid_everywhere() {
    let place = Place::new(&[("SKILL.md", GOOD), ("references/more.md", "# More\n")]);
    for profile in [Profile::Claude, Profile::Toolhive, Profile::Agentskills] {
        assert_eq!(place.told(profile), [""; 0]);
    }
}

#[test]
fn what_the_packaging_refuses_is_an_error_and_told_once() {
    let alone = |text: &str| Place::new(&[("SKILL.md", text)]).told(Profile::Claude);
    assert_eq!(alone("# Demo\n"), ["error no-frontmatter SKILL.md"]);
    assert_eq!(alone("---\ndescription: x\n---\n"), ["error name-missing SKILL.md"]);
    assert_eq!(
        alone("---\nname: demo\ndescription: a: b\n---\n"),
        ["error frontmatter-yaml SKILL.md"]
    );
    assert_eq!(
        alone("---\nname: demo\ndescription: [x]\n---\n"),
        ["warning description-missing SKILL.md", "error frontmatter-type SKILL.md"]
    );
    assert_eq!(
        alone("../demo/SKILL.md"),
        ["warning link-as-text SKILL.md", "error no-frontmatter SKILL.md"]
    );
}

#[test]
fn what_the_packaging_remarks_is_a_warning_and_told_once() {
    let nested = "---\nname: demo\ndescription: x\nmetadata:\n  a:\n    b: c\n---\n";
    let place = Place::new(&[("SKILL.md", nested)]);
    assert_eq!(place.told(Profile::Claude), ["warning metadata-flat SKILL.md"]);
}

#[test]
fn skill_md_missing_and_skill_case() {
    let none = Place::new(&[("README.md", "x")]);
    assert_eq!(none.told(Profile::Claude), ["error manifest-missing SKILL.md"]);
    let other = Place::new(&[("skill.md", GOOD)]);
    let told = ["info manifest-missing SKILL.md", "error skill-case skill.md"];
    assert_eq!(other.told(Profile::Claude), told);
}

#[test]
fn skill_nested() {
    let place = Place::new(&[("SKILL.md", GOOD), ("more/SKILL.md", GOOD)]);
    assert_eq!(place.told(Profile::Claude), ["info skill-nested more/SKILL.md"]);
}

#[test]
fn thv_symlink_also_instead_of_the_file_itself() {
    let place = Place::new(&[("real.md", GOOD)]);
    symlink("real.md", place.0.path().join("demo/SKILL.md")).expect("a link");
    let told = ["info symlink SKILL.md", "error thv-symlink SKILL.md"];
    assert_eq!(place.told(Profile::Claude), told);
}

/// `validate` and `build` agree on what cannot be packaged, for all the vectors of the reference.
#[test]
fn valid_is_what_can_be_packaged() {
    let parent = TempDir::new().expect("a directory");
    let store = Store::open(parent.path().join("store")).expect("opens");
    for (number, vector) in load("skill").iter().enumerate() {
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

/// Build's error for the skill, and the errors that validation has; both or neither there are.
fn both(place: &Place) -> (Option<String>, Vec<String>) {
    let store = TempDir::new().expect("a directory");
    let packager = Packager::new(Store::open(store.path().join("store")).expect("opens"));
    let directory = place.0.path().join("demo");
    let built = packager.package_blocking(&directory, &PackageOptions::default(), &());
    let report = place.report(Profile::Claude);
    let errors: Vec<String> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == agent_plugin::Severity::Error)
        .map(|finding| finding.diagnostic.to_string())
        .collect();
    assert_eq!(built.is_ok(), errors.is_empty(), "{built:?} {errors:?}");
    assert_eq!(report.is_valid(), errors.is_empty());
    (built.err().map(|error| error.to_string()), errors)
}

#[test]
fn a_skill_md_that_is_too_large_is_refused_as_by_the_packaging_bug_04() {
    let place = Place::new(&[("SKILL.md", GOOD)]);
    let file = fs::File::options().write(true).open(place.0.path().join("demo/SKILL.md"));
    let file = file.expect("opens");
    // As far as it goes, with two headers' and an end's blocks.
    file.set_len((100 << 20) - 512 - 1_024).expect("grown");
    assert_eq!(both(&place), (None, vec![]));
    for size in [(100 << 20) - 512 - 1_023, 110 << 20, 1 << 40] {
        file.set_len(size).expect("grown");
        let (refused, errors) = both(&place);
        assert_eq!(refused.map(|text| vec![text]), Some(errors.clone()));
        let is_told = errors[0].starts_with("SKILL.md: the archive would have ")
            || errors[0] == "SKILL.md: the file has 8 GiB or more";
        assert!(is_told, "{errors:?}");
    }
}

#[test]
fn a_config_that_toolhive_does_not_read_dev_7() {
    let place = Place::new(&[("SKILL.md", GOOD)]);
    let deep = place.0.path().join("demo").join(vec!["d".repeat(200); 17].join("/"));
    fs::create_dir_all(&deep).expect("a directory");
    let name = |at: usize, c: &str| deep.join(format!("{at:04}{}", c.repeat(200)));
    (0..400).for_each(|at| fs::write(name(at, "n"), "").expect("a file"));
    assert_eq!(both(&place), (None, vec![]));
    assert_eq!(place.told(Profile::Claude), ["warning config-size"]);
    // Escaped twice, such a character has seven bytes.
    (400..999).for_each(|at| fs::write(name(at, "&"), "").expect("a file"));
    let (refused, errors) = both(&place);
    assert_eq!(refused.map(|text| vec![text]), Some(errors.clone()));
    let end = "bytes, more than 4 MiB";
    assert!(
        errors[0].starts_with("the config would have ") && errors[0].ends_with(end),
        "{errors:?}"
    );
}

#[test]
fn a_tree_that_is_too_deep_is_refused_as_by_the_packaging_dev_6() {
    let deep = "d/".repeat(300) + "f";
    let place = Place::new(&[("SKILL.md", GOOD), (&deep, "x")]);
    let (refused, errors) = both(&place);
    assert_eq!(refused.map(|text| vec![text]), Some(errors.clone()));
    assert!(errors[0].ends_with("the path has more than 256 names"), "{errors:?}");
}
