// SPDX-License-Identifier: Apache-2.0
//! The page of the difference of two artifacts of a repository.

use maud::html;
use oci_artifact::kind::ArtifactKind as _;
use oci_artifact::reader::ContentSource as _;
use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_server::{Asked, OneRepository};
use toolhive_plugins::Plugin;
use toolhive_skills::Skill;

use super::names::Known;
use super::{Pages, View, address, made};
use crate::commands::diff;

impl Pages {
    pub(super) fn difference(&self, source: &OneRepository, asked: &Asked) -> Result<View> {
        let names = [asked.get("before"), asked.get("after")];
        let digests = [source.resolve(names[0])?.digest, source.resolve(names[1])?.digest];
        let text = self.differences.get(&digests, || {
            // The first documents say it; the comparison checks it, and reads each layer once.
            let known = |digest| self.names.get(digest, || Known::of(source, digest));
            let [old, new] = [known(&digests[0])?, known(&digests[1])?];
            let names = digests.map(|digest| digest.to_string());
            let names = [names[0].as_str(), names[1].as_str()];
            let report = match [old.kind.as_str(), new.kind.as_str()] {
                [Plugin::NAME, Plugin::NAME] => diff::report::<Plugin>(source, names),
                [Skill::NAME, Skill::NAME] => diff::report::<Skill>(source, names),
                _ => {
                    let message = "only two plugins or two skills can be compared";
                    Err(Error::new(ErrorKind::InvalidOption, message))
                }
            }?;
            let body = html! {
                (report.about())
                (report.contents())
                @if report.parts.is_empty() { p { "Nothing differs." } }
                (report.sections())
            };
            let text = body.into_string();
            let bytes = text.len();
            Ok::<_, Error>((text, bytes))
        })?;
        let name = source.name();
        let [before, after] = names;
        let step = format!("{before} → {after}");
        let body = html! {
            main { h1 { (step) } (made(&text)) }
            footer { p { (agent_plugin::LAST) } }
        };
        let path = [(name, address::repository(name)), (step.as_str(), String::new())];
        Ok(View::new(&format!("{step} - {name}"), body).at(&path))
    }
}
