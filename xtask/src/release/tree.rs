// SPDX-License-Identifier: Apache-2.0
//! The second working tree, in which a release is made.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::semver::Version;
use xshell::cmd;

use super::changelog;
use crate::dist::Date;
use crate::{Result, workspace};

/// A working tree of HEAD below `target/`, which goes when this value does.
pub(super) struct Tree {
    path: PathBuf,
}

impl Tree {
    pub(super) fn at_head() -> Result<Self> {
        let path = workspace::root().join("target/xtask/release");
        let shell = workspace::shell()?;
        if path.exists() {
            // What a run left behind that was killed.
            fs::remove_dir_all(&path)?;
        }
        cmd!(shell, "git worktree prune").quiet().run()?;
        cmd!(shell, "git worktree add --quiet --detach {path} HEAD").quiet().run()?;
        Ok(Self { path })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the directory in which cargo builds; it stays, so that the next release is faster.
    pub(super) fn build_directory(&self) -> PathBuf {
        self.path.with_file_name("build")
    }

    /// Returns the commit that is checked out.
    pub(super) fn commit(&self) -> Result<String> {
        let (shell, tree) = (workspace::shell()?, &self.path);
        Ok(cmd!(shell, "git -C {tree} rev-parse HEAD").quiet().read()?)
    }

    /// Commits the tree, moves the branch there and tags it with the changelog's section.
    pub(super) fn commit_and_tag(&self, version: &Version) -> Result<()> {
        let text = fs::read_to_string(self.path.join("CHANGELOG.md"))?;
        let (_, body) = changelog::section(&text, version)?;
        let shell = workspace::shell()?;
        let (tree, subject) = (&self.path, format!("Release {version}"));
        cmd!(shell, "git -C {tree} commit --quiet --all --message {subject}").quiet().run()?;
        let commit = self.commit()?;
        // Checks once more that the branch is where the release began.
        cmd!(shell, "git merge --quiet --ff-only {commit}").quiet().run()?;
        let (tag, message) = (format!("v{version}"), format!("{subject}\n\n{body}\n"));
        // Lines of the changelog that begin with `#` are headings, not comments.
        cmd!(shell, "git tag --annotate --cleanup=whitespace --message {message} {tag} {commit}")
            .quiet()
            .run()?;
        println!("release: {tag} is tagged. Now: git push --follow-tags, and upload the archives");
        Ok(())
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // What cannot be removed now is removed by the next release.
        if let Ok(shell) = workspace::shell() {
            let path = &self.path;
            let _ = cmd!(shell, "git worktree remove --force {path}").quiet().ignore_stderr().run();
        }
    }
}

/// A release is what is committed, nothing else.
pub(super) fn check_clean() -> Result<()> {
    let shell = workspace::shell()?;
    let changes = cmd!(shell, "git status --porcelain").quiet().read()?;
    if changes.is_empty() {
        return Ok(());
    }
    Err(format!("the working tree is not clean: commit or remove this first\n{changes}").into())
}

/// Returns the day on which HEAD was committed, in UTC: every clone has the same.
pub(crate) fn date_of_head() -> Result<Date> {
    let shell = workspace::shell()?;
    let format = "--date=format-local:%Y-%m-%d";
    let log = cmd!(shell, "git log --max-count=1 --format=%cd {format} HEAD");
    log.env("TZ", "UTC").quiet().read()?.parse()
}
