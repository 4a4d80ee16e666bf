// SPDX-License-Identifier: Apache-2.0
//! Differences of what changes the session without running.

use super::change::{Change, Class, Pair};
use crate::inventory::{Behaviour, Dependency, Inventory};

pub(super) fn compare(before: &Inventory, after: &Inventory, changes: &mut Vec<Change>) {
    let (old, new) = (&before.behaviour, &after.behaviour);
    let mut one = |id: &str, was: &Option<String>, is: &Option<String>| {
        if was != is {
            let mut pair = Pair { kind: "behaviour", id, changes };
            let class = if is.is_some() { Class::Widened } else { Class::Narrowed };
            pair.add(class, id.replace('-', " "), was.as_deref(), is.as_deref());
        }
    };
    one("main-agent", &old.main_agent, &new.main_agent);
    one("forced-output-style", &old.forced_output_style, &new.forced_output_style);

    let mut lists = |id: &'static str, what: &str, was: &[String], is: &[String]| {
        Pair { kind: "behaviour", id, changes }.sets(what, was, is);
    };
    lists("network", "a declared host", &old.network_hosts, &new.network_hosts);
    let (was, is) = (&old.package_sources, &new.package_sources);
    lists("package-source", "a file that decides where packages come from", was, is);
    lists("channel", "a channel", &old.channels, &new.channels);
    let connectors = |behaviour: &Behaviour| -> Vec<String> {
        behaviour.connectors.iter().map(|connector| connector.id.clone()).collect()
    };
    lists("connector", "a hosted connector", &connectors(old), &connectors(new));
    lists("requires", "a required reference", &old.requires, &new.requires);
    let optional = |behaviour: &Behaviour| -> Vec<String> {
        let options = behaviour.user_config.iter().filter(|option| !option.required);
        options.map(|option| option.key.clone()).collect()
    };
    lists("user-config", "an option", &optional(old), &optional(new));
    let packages = |behaviour: &Behaviour| {
        let install = behaviour.package_install.as_ref();
        install.map(|install| install.dependencies.clone()).unwrap_or_default()
    };
    lists("package-install", "an installed package", &packages(old), &packages(new));
    let mut pair = Pair { kind: "behaviour", id: "dependency", changes };
    for dependency in new.dependencies.iter().filter(|one| !old.dependencies.contains(one)) {
        let same = old.dependencies.iter().find(|one| one.name == dependency.name);
        let class = if same.is_some() { Class::Redirected } else { Class::New };
        let (was, is) = (same.map(shown), shown(dependency));
        pair.add(class, "a plugin installed along with it", was.as_deref(), Some(&is));
    }
    for dependency in &old.dependencies {
        if !new.dependencies.iter().any(|one| one.name == dependency.name) {
            let what = "a plugin that was installed along with it";
            pair.add(Class::Removed, what, Some(&shown(dependency)), None);
        }
    }
}

fn shown(dependency: &Dependency) -> String {
    let Dependency { name, version, marketplace } = dependency;
    let version = version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    let from = marketplace.as_ref().map(|name| format!(" from {name}")).unwrap_or_default();
    format!("{name}{version}{from}")
}
