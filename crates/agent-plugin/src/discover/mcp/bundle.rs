// SPDX-License-Identifier: Apache-2.0
//! Bundles (S-53): one file of the plugin is opened; one elsewhere is downloaded at install.

use super::server::{self, Server};
use crate::command::{self, env};
use crate::discover::builder::Builder;
use crate::discover::manifest::Field;
use crate::discover::options;
use crate::discover::url::Url;
use crate::inventory::{Component, ComponentType, Override, Transport};
use crate::{bundle, document};

/// A bundle that is downloaded: what is in it is not known.
pub(super) fn of_url(builder: &mut Builder<'_>, url: &str, field: &Field<'_>) {
    let mut found = opaque(builder, url, field);
    found.launch.usage.fetches.push(server::bundle_fetch(url));
    if let Some(url) = Url::parse(url) {
        builder.endpoint(&url, &found.launch.id);
    }
    add_opaque(builder, found, field.file, "it is downloaded at install", field);
}

/// A bundle among the plugin's files.
pub(super) fn of_file(builder: &mut Builder<'_>, path: &str, field: &Field<'_>) {
    let read = builder.bundle(path).and_then(|manifest| read(builder, &manifest, path, field));
    if let Err(refusal) = read {
        let found = opaque(builder, path, field);
        builder.names(path, &found.launch.id);
        add_opaque(builder, found, path, &refusal, field);
    }
}

/// Returns a bundle that is not looked into.
fn opaque(builder: &mut Builder<'_>, place: &str, field: &Field<'_>) -> Server {
    let mut found = Server::new(builder, stem(place), Transport::Stdio, field);
    found.launch.declared_in.at = None;
    (found.own.bundle, found.own.opaque) = (Some(place.to_owned()), true);
    found
}

/// Lists it, as something in `file`, and warns of it.
fn add_opaque(builder: &mut Builder<'_>, found: Server, file: &str, why: &str, field: &Field<'_>) {
    let place = found.own.bundle.as_deref().unwrap_or_default();
    let message = format!("{place} is a bundle that could not be examined: {why}");
    let (at, launch) = (field.at(builder), &found.launch);
    builder.warn_at("bundle-opaque", message, field.file, at, Some(&launch.id));
    let mut component = Component::new(ComponentType::McpServer, launch.name(), file, field.source);
    component.loads = launch.loads;
    builder.component(component);
    builder.push(found.done());
}

/// Lists what the bundle's manifest says.
fn read(
    builder: &mut Builder<'_>,
    manifest: &[u8],
    path: &str,
    field: &Field<'_>,
) -> Result<(), bundle::Refusal> {
    let limits = builder.files.limits();
    let parsed = document::parse(manifest, limits);
    let parsed = parsed.map_err(|fault| format!("its manifest.json: {}", fault.message))?;
    let twice = |fault: &document::Fault| fault.code == "json-duplicate-key";
    if let Some(fault) = parsed.faults.into_iter().find(twice) {
        return Err(format!("its manifest.json: {}", fault.message));
    }
    let value = parsed.value;
    let config = value.get("server").and_then(|server| server.get("mcp_config"));
    let config = config.filter(|config| document::text(*config, "command").is_some());
    let config = config.ok_or("its manifest.json has no server.mcp_config with a command")?;
    if let Some(key) = ["type", "url"].into_iter().find(|key| config.get(key).is_some()) {
        return Err(format!("its server.mcp_config has the unknown member {key:?}"));
    }
    let name = document::text(value, "name").filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| stem(path).to_owned());
    let all = Field {
        bundle: Some(path),
        ..Field::new(config, "mcpServers", path, "/server/mcp_config", field.source)
    };
    let (mut found, mut used) = server::found(builder, &name, &all.not_loading(field.why_not));
    let Server { launch, own, .. } = &mut found;
    for member in document::members(config, "platform_overrides") {
        let (platform, value) = (member.key.into_owned(), member.value);
        let command = document::text(value, "command");
        let args = value.get("args").and_then(document::texts);
        let settings = document::members(value, "env")
            .map(|member| env::setting(&member.key, &member.value.as_string().unwrap_or_default()));
        let mut env: Vec<_> = settings.collect();
        env.sort();
        let program = command.clone().or_else(|| launch.command.clone()).unwrap_or_default();
        let words = args.clone().or_else(|| launch.args.clone()).unwrap_or_default();
        let analysis = command::exec(&program, &words, builder.place());
        launch.usage.fetches.extend(analysis.usage.fetches);
        used.extend(analysis.options);
        own.overrides.push(Override {
            platform,
            command: command.map(|text| env::redact(&text)),
            args: args.map(|args| args.iter().map(|text| env::redact(text)).collect()),
            env,
        });
    }
    own.overrides.sort_by(|a, b| a.platform.cmp(&b.platform));
    launch.usage.fetches.sort();
    launch.usage.fetches.dedup();
    builder.names(path, &launch.id);
    options::of_bundle(builder, value, path, &launch.id, &used);
    builder.push(found.done());
    Ok(())
}

/// The name of a file without what follows its first dot.
fn stem(place: &str) -> &str {
    let name = place.rsplit('/').next().unwrap_or(place);
    name.split_once('.').map_or(name, |(stem, _)| stem)
}
