// SPDX-License-Identifier: Apache-2.0
//! The page of the difference of two artifacts of a repository.

use maud::html;
use oci_artifact::kind::ArtifactKind as _;
use oci_artifact::{Error, ErrorKind, Result};
use oci_registry_server::{Asked, OneRepository};
use toolhive_plugins::Plugin;
use toolhive_skills::Skill;

use super::{Pages, View, address, made, resolved};
use crate::commands::diff;

impl Pages {
    pub(super) fn difference(&self, source: &OneRepository, asked: &Asked) -> Result<View> {
        let names = [asked.get("before"), asked.get("after")];
        let [old, new] = [resolved(source, names[0])?, resolved(source, names[1])?];
        let kinds = [self.shown(source, old.clone())?.kind, self.shown(source, new.clone())?.kind];
        let digests = [old.digest, new.digest];
        let text = self.differences.get(&digests, || {
            let names = digests.map(|digest| digest.to_string());
            let names = [names[0].as_str(), names[1].as_str()];
            let report = match kinds {
                [Some(Plugin::NAME), Some(Plugin::NAME)] => diff::report::<Plugin>(source, names),
                [Some(Skill::NAME), Some(Skill::NAME)] => diff::report::<Skill>(source, names),
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
