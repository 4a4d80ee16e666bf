// SPDX-License-Identifier: Apache-2.0
//! MCP servers and language servers, which belong together by name.

use std::collections::BTreeSet;

use super::change::{Change, Class, Pair};
use super::command;
use crate::inventory::{Inventory, LspServer, McpServer, Override};

pub(super) fn mcp(before: &Inventory, after: &Inventory, changes: &mut Vec<Change>) {
    // Of equal names, those that load come first.
    let find = |servers: &[McpServer], id: &str| servers.iter().position(|server| server.id == id);
    for (at, new) in after.mcp_servers.iter().enumerate() {
        if find(&after.mcp_servers, &new.id) != Some(at) {
            continue;
        }
        let mut pair = Pair { kind: "mcp", id: &new.id, changes };
        let old = find(&before.mcp_servers, &new.id).and_then(|at| before.mcp_servers.get(at));
        match old {
            Some(old) => {
                let shown = shown(new);
                pair.where_both_load(old.loads, new.loads, &shown, |pair| both(pair, old, new));
            }
            None if new.loads => {
                pair.add(Class::New, "an MCP server", None, Some(shown(new)));
            }
            None => {}
        }
    }
    for old in before.mcp_servers.iter().filter(|old| old.loads) {
        if find(&after.mcp_servers, &old.id).is_none() {
            let mut pair = Pair { kind: "mcp", id: &old.id, changes };
            pair.add(Class::Removed, "an MCP server", Some(shown(old)), None);
        }
    }
}

fn both(pair: &mut Pair<'_>, old: &McpServer, new: &McpServer) {
    if old.transport != new.transport {
        let local = old.transport.is_local() == new.transport.is_local();
        let what =
            if local { "another transport" } else { "a process became remote, or the reverse" };
        pair.texts(Class::Redirected, what, &shown(old), &shown(new));
    } else if new.transport.is_local() {
        command::compare(pair, (&shown(old), &old.fetches), (&shown(new), &new.fetches));
    } else if old.url != new.url {
        remote(pair, old, new);
    }
    for platform in platforms(old, new) {
        let what = format!("another command on {platform}");
        let (before, after) = (on(old, &platform), on(new, &platform));
        pair.texts(Class::Redirected, &what, &before, &after);
    }
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    pair.texts(Class::Redirected, "another working directory", &text(&old.cwd), &text(&new.cwd));
    let (before, after) = (text(&old.indirect), text(&new.indirect));
    pair.texts(Class::Redirected, "another package script", &before, &after);
    let (before, after) = (text(&old.oauth_scopes), text(&new.oauth_scopes));
    pair.texts(Class::Widened, "other OAuth scopes", &before, &after);
    command::settings(pair, "a variable that is set", &old.env, &new.env);
    command::settings(pair, "a header", &old.headers, &new.headers);
    command::reads(pair, &old.env_read, &new.env_read);
    if old.declared_in != new.declared_in {
        pair.add(Class::Cosmetic, "declared elsewhere", None, None);
    }
}

/// The platforms on which one of them is something else.
fn platforms(old: &McpServer, new: &McpServer) -> BTreeSet<String> {
    let all = old.overrides.iter().chain(&new.overrides);
    all.map(|platform| platform.platform.clone()).collect()
}

/// What a server runs on a platform.
fn on(server: &McpServer, platform: &str) -> String {
    let found = server.overrides.iter().find(|found| found.platform == platform);
    let Some(Override { command, args, .. }) = found else { return shown(server) };
    let (command, args) = (command.clone(), args.clone());
    shown(&McpServer {
        command: command.or_else(|| server.command.clone()),
        args: args.or_else(|| server.args.clone()),
        ..server.clone()
    })
}

fn remote(pair: &mut Pair<'_>, old: &McpServer, new: &McpServer) {
    let scheme = |server: &McpServer| {
        let url = server.url.clone().unwrap_or_default();
        url.split_once("://").map(|(scheme, rest)| (scheme.to_owned(), rest.to_owned()))
    };
    let (class, what) = match (scheme(old), scheme(new)) {
        (Some((_, before)), Some((scheme, after))) if before == after => {
            match matches!(scheme.as_str(), "http" | "ws") {
                true => (Class::Widened, "reached without encryption now"),
                false => (Class::Narrowed, "reached with encryption now"),
            }
        }
        _ => (Class::Redirected, "another address"),
    };
    pair.texts(class, what, &shown(old), &shown(new));
}

/// What a server is, in one line.
fn shown(server: &McpServer) -> String {
    let mut text = match (&server.command, &server.bundle) {
        (Some(command), _) if server.transport.is_local() => command.clone(),
        (_, Some(bundle)) => bundle.clone(),
        _ => return server.url.clone().unwrap_or_default(),
    };
    for argument in server.args.iter().flatten() {
        text.push(' ');
        text.push_str(argument);
    }
    text
}

pub(super) fn lsp(before: &Inventory, after: &Inventory, changes: &mut Vec<Change>) {
    let shown = |server: &LspServer| {
        [std::slice::from_ref(&server.command), &server.args].concat().join(" ")
    };
    for new in &after.lsp_servers {
        let mut pair = Pair { kind: "lsp", id: &new.id, changes };
        match before.lsp_servers.iter().find(|old| old.id == new.id) {
            Some(old) => {
                let (before, after) = (shown(old), shown(new));
                pair.where_both_load(old.loads, new.loads, &after, |pair| {
                    command::compare(pair, (&before, &old.fetches), (&after, &new.fetches));
                    pair.sets("a file extension", &old.extensions, &new.extensions);
                    command::settings(pair, "a variable that is set", &old.env, &new.env);
                });
            }
            None if new.loads => {
                pair.add(Class::New, "a language server", None, Some(shown(new)));
            }
            None => {}
        }
    }
    for old in before.lsp_servers.iter().filter(|old| old.loads) {
        if !after.lsp_servers.iter().any(|new| new.id == old.id) {
            let mut pair = Pair { kind: "lsp", id: &old.id, changes };
            pair.add(Class::Removed, "a language server", Some(shown(old)), None);
        }
    }
}
