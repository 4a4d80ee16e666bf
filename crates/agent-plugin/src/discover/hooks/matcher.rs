// SPDX-License-Identifier: Apache-2.0
//! Matchers that never match (S-26, S-28).

/// Whether it is a permission rule, which is compared with a tool's name and never matches (S-26).
pub(super) fn is_rule(matcher: &str) -> bool {
    matcher.split('|').any(|part| {
        let name: String = part.trim().chars().take_while(char::is_ascii_alphanumeric).collect();
        let rest = part.trim().get(name.len()..).unwrap_or_default();
        let known = name.starts_with(|c: char| c.is_ascii_uppercase());
        // `(Edit|Write)` and `Edit(File)?` are expressions.
        let inside = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        known && inside.is_some_and(|inside| inside.contains(['/', '*', ':', ' ', '.']))
    })
}

/// Returns the server that a matcher names by its bare key (S-28).
pub(super) fn bare_server<'s>(matcher: &str, servers: &'s [String]) -> Option<&'s String> {
    servers.iter().find(|server| {
        matcher.split(['|', ',']).any(|part| {
            part.trim()
                .trim_start_matches(['^', '('])
                .strip_prefix("mcp__")
                .and_then(|rest| rest.strip_prefix(server.as_str()))
                .is_some_and(|rest| {
                    rest.is_empty() || rest.starts_with("__") || rest.starts_with(')')
                })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_rule_never_matches_s_26() {
        for rule in ["Write(docs/**)", "Edit|Write(*.md)", "Bash(git push:*)", "Bash(npm run test)"]
        {
            assert!(is_rule(rule), "{rule}");
        }
        for matcher in ["Edit|Write", "(Edit|Write)", "mcp__x__.*", "Notebook(Edit|Read)?", "Bash"]
        {
            assert!(!is_rule(matcher), "{matcher}");
        }
    }

    #[test]
    fn own_servers_have_longer_names_s_28() {
        let servers = ["db".to_owned()];
        assert!(bare_server("mcp__db__query", &servers).is_some());
        assert!(bare_server("Edit|mcp__db", &servers).is_some());
        assert!(bare_server("mcp__plugin_x_db__query", &servers).is_none());
        assert!(bare_server("mcp__dbx__query", &servers).is_none());
    }
}
