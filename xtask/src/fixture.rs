// SPDX-License-Identifier: Apache-2.0
//! The fixtures: directories whose digests are recorded, and how each is packaged.

mod tree;
mod appendix;
mod wild;

use std::sync::Arc;

use sha2::{Digest, Sha256};

pub(crate) use tree::{Order, Owner, Placement, Tree, TreeFile, Umask};

use crate::{Result, workspace};

/// The epoch of most cases: 2023-11-14T22:13:20Z.
const EPOCH: i64 = 1_700_000_000;

/// A directory, and how it is packaged.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// `plugin` or `skill`.
    pub(crate) kind: &'static str,
    pub(crate) tree: Arc<Tree>,
    pub(crate) epoch: i64,
    pub(crate) platforms: &'static [&'static str],
    pub(crate) modes: &'static str,
    /// The encoder that is asked for; `None` does not ask for any.
    pub(crate) encoder: Option<&'static str>,
}

/// The generations besides the default one; each case has a golden digest with every one of them.
const GENERATIONS: [&str; 1] = ["go1.27"];

/// Returns all cases, by the default encoder and then by each other generation's; the heavy one
/// last.
pub(crate) fn all() -> Result<Vec<Case>> {
    let mut cases = by_default()?;
    for generation in GENERATIONS {
        let with_it = |case: &Case| Case {
            name: format!("{}, {generation}", case.name),
            encoder: Some(generation),
            ..case.clone()
        };
        let more: Vec<Case> =
            cases.iter().filter(|case| case.encoder.is_none()).map(with_it).collect();
        cases.extend(more);
    }
    cases.sort_by_key(|case| case.name.starts_with(HEAVY));
    Ok(cases)
}

/// The name of the example that the README packages.
pub(crate) const EXAMPLE: &str = "the example";

/// The name of the heavy case.
const HEAVY: &str = "wild";

fn by_default() -> Result<Vec<Case>> {
    let example = |path: &str| -> Result<Arc<Tree>> {
        Ok(Arc::new(Tree::read(&workspace::root().join("examples").join(path))?))
    };
    // As the example was when its digests were recorded; the example itself changes.
    let recorded = workspace::root().join("testdata/golden/release-notes");
    let recorded = Arc::new(Tree::read(&recorded)?);
    let plugin_example = example("plugins/release-notes")?;
    let skill_example = example("skills/why-digests-differ")?;
    let (f1, f2, f3, f4) = (appendix::f1(), appendix::f2(), appendix::f3(), appendix::f4());
    let plugin = |name: &str, tree: &Arc<Tree>| Case {
        name: name.into(),
        kind: "plugin",
        tree: Arc::clone(tree),
        epoch: 0,
        platforms: &[],
        modes: "git",
        encoder: None,
    };
    let skill = |name: &str, tree: &Arc<Tree>| Case { kind: "skill", ..plugin(name, tree) };
    Ok(vec![
        plugin("release-notes", &recorded),
        Case { epoch: EPOCH, ..plugin("release-notes, 2023", &recorded) },
        Case {
            platforms: &["linux/arm/v7", "windows/amd64", "linux/amd64"],
            ..plugin("release-notes, other platforms", &recorded)
        },
        plugin(EXAMPLE, &plugin_example),
        skill("why-digests-differ", &skill_example),
        Case {
            epoch: EPOCH,
            platforms: &["linux/arm64"],
            ..skill("why-digests-differ, 2023, one platform", &skill_example)
        },
        Case { epoch: EPOCH, ..plugin("F1", &f1) },
        Case { epoch: EPOCH, modes: "verbatim", ..plugin("F1, verbatim modes", &f1) },
        Case { epoch: EPOCH, ..skill("F2", &f2) },
        plugin("F3", &f3),
        Case { epoch: -1, ..plugin("F3, before 1970", &f3) },
        Case { epoch: 8_589_934_592, ..plugin("F3, past ustar's last second", &f3) },
        skill("F4", &f4),
        Case { epoch: 253_402_300_799, ..skill("F4, the last second of 9999", &f4) },
        Case { epoch: EPOCH, ..plugin(HEAVY, &Arc::new(wild::tree())) },
    ])
}

impl Case {
    /// Returns a digest of everything that the artifact may depend on: if it changes, so may the
    /// artifact's; if it does not, the artifact's must not.
    pub(crate) fn input(&self) -> String {
        let mut hash = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        field(self.kind.as_bytes());
        field(&self.epoch.to_be_bytes());
        field(self.platforms.join(",").as_bytes());
        field(self.modes.as_bytes());
        if let Some(encoder) = self.encoder {
            field(encoder.as_bytes());
        }
        for file in self.tree.files() {
            field(file.path.as_encoded_bytes());
            field(&file.mode.to_be_bytes());
            field(&file.content);
        }
        let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }
}
