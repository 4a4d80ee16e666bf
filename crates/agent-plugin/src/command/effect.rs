// SPDX-License-Identifier: Apache-2.0
//! Variables that make a program load other code, or fetch from elsewhere (S-108): whoever sets one needs
//! no command of his own.

use crate::inventory::Effect;

/// Variables whose value names code, or a program that is started.
const LOADS_CODE: [&str; 47] = [
    "BASH_ENV",
    "BROWSER",
    "BUN_OPTIONS",
    "CLASSPATH",
    "DOTNET_STARTUP_HOOKS",
    "DYLD_FRAMEWORK_PATH",
    "DYLD_INSERT_LIBRARIES",
    "DYLD_LIBRARY_PATH",
    "EDITOR",
    "ENV",
    "GCONV_PATH",
    "GIT_ASKPASS",
    "GIT_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_TEMPLATE_DIR",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "LD_AUDIT",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "LESSOPEN",
    "LUA_INIT",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_REPL_EXTERNAL_MODULE",
    "OPENSSL_CONF",
    "PAGER",
    "PATH",
    "PERL5DB",
    "PERL5LIB",
    "PERL5OPT",
    "PHPRC",
    "PROMPT_COMMAND",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "RUBYLIB",
    "RUBYOPT",
    "SHELL",
    "SSH_ASKPASS",
    "ZDOTDIR",
    "_JAVA_OPTIONS",
];
/// Variables that scripts set for honest reasons all the time; only where a configuration sets them for
/// a whole program are they worth a word.
const USUAL: [&str; 6] = ["BROWSER", "EDITOR", "ENV", "PAGER", "PATH", "SHELL"];
/// Variables that say where code or traffic comes from, in capitals.
const MOVES_SOURCE: [&str; 30] = [
    "ALL_PROXY",
    "ANTHROPIC_BASE_URL",
    "BUN_CONFIG_REGISTRY",
    "CARGO_HOME",
    "CURL_CA_BUNDLE",
    "DOCKER_HOST",
    "GIT_SSL_NO_VERIFY",
    "GOFLAGS",
    "GOINSECURE",
    "GONOSUMDB",
    "GOPROXY",
    "GOSUMDB",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NODE_EXTRA_CA_CERTS",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "OPENAI_BASE_URL",
    "PIP_CONFIG_FILE",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_INDEX",
    "UV_INDEX_URL",
    "YARN_REGISTRY",
];
/// Beginnings of names of whole families of these, in capitals.
const FAMILIES: [(&str, Effect); 6] = [
    ("NPM_CONFIG_NODE_OPTIONS", Effect::LoadsCode),
    ("NPM_CONFIG_SCRIPT_SHELL", Effect::LoadsCode),
    ("NPM_CONFIG_", Effect::MovesSource),
    ("YARN_NPM_REGISTRY", Effect::MovesSource),
    ("CARGO_REGISTRIES_", Effect::MovesSource),
    ("GIT_CONFIG_", Effect::LoadsCode),
];

/// The effect of a variable of that name, where a configuration sets it.
pub(crate) fn of(name: &str) -> Option<Effect> {
    // npm and proxies read any case.
    let upper = name.to_ascii_uppercase();
    if LOADS_CODE.contains(&name) {
        return Some(Effect::LoadsCode);
    }
    if MOVES_SOURCE.contains(&upper.as_str()) {
        return Some(Effect::MovesSource);
    }
    let mut families = FAMILIES.into_iter();
    families.find(|(start, _)| upper.starts_with(start)).map(|(_, effect)| effect)
}

/// The effect of a variable of that name, where a script sets it.
pub(crate) fn in_script(name: &str) -> Option<Effect> {
    of(name).filter(|_| !USUAL.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_load_code_or_move_a_source_s_108() {
        for name in LOADS_CODE {
            assert_eq!(of(name), Some(Effect::LoadsCode), "{name}");
        }
        for name in MOVES_SOURCE.iter().chain(&["npm_config_registry", "https_proxy"]) {
            assert_eq!(of(name), Some(Effect::MovesSource), "{name}");
        }
        assert_eq!(of("npm_config_node_options"), Some(Effect::LoadsCode));
        for name in ["API_KEY", "NODE_ENV", "PATHS", "path", "DEBUG", "PYTHONUNBUFFERED"] {
            assert_eq!(of(name), None, "{name}");
        }
        assert_eq!(in_script("PATH"), None);
        assert_eq!(in_script("LD_PRELOAD"), Some(Effect::LoadsCode));
    }
}
