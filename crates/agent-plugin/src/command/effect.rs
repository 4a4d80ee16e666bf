// SPDX-License-Identifier: Apache-2.0
//! Variables that make a program load other code, or fetch from elsewhere (S-108): setting one is as good as a
//! command.

use crate::inventory::Effect;

/// Variables whose value names code, or a program that is started.
const LOADS_CODE: [&str; 76] = [
    "BASH_ENV",
    "BUNDLE_GEMFILE",
    "BUNDLE_PATH",
    "BUN_OPTIONS",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CLASSPATH",
    "COMSPEC",
    "DOTNET_STARTUP_HOOKS",
    "DYLD_FRAMEWORK_PATH",
    "DYLD_INSERT_LIBRARIES",
    "DYLD_LIBRARY_PATH",
    "ELECTRON_RUN_AS_NODE",
    "EMACSLOADPATH",
    "EXINIT",
    "GCONV_PATH",
    "GEM_HOME",
    "GEM_PATH",
    "GIT_ASKPASS",
    "GIT_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_TEMPLATE_DIR",
    "GOTOOLCHAIN",
    "GRADLE_OPTS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "JULIA_LOAD_PATH",
    "LD_AUDIT",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "LESSCLOSE",
    "LESSOPEN",
    "LUA_CPATH",
    "LUA_INIT",
    "LUA_PATH",
    "MAKEFILES",
    "MAVEN_OPTS",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_REPL_EXTERNAL_MODULE",
    "OPENSSL_CONF",
    "PATHEXT",
    "PERL5DB",
    "PERL5LIB",
    "PERL5OPT",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "PROMPT_COMMAND",
    "PSModulePath",
    "PYTHONBREAKPOINT",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONSTARTUP",
    "PYTHONUSERBASE",
    "RUBYLIB",
    "RUBYOPT",
    "RUSTC",
    "RUSTC_WRAPPER",
    "R_ENVIRON",
    "R_PROFILE",
    "R_PROFILE_USER",
    "SBT_OPTS",
    "SSH_ASKPASS",
    "SUDO_ASKPASS",
    "SYSTEMD_PAGER",
    "TCLLIBPATH",
    "TS_NODE_PROJECT",
    "VIMINIT",
    "ZDOTDIR",
    "_JAVA_OPTIONS",
];
/// Further ones, which scripts set for honest reasons all the time; only where a configuration sets them for
/// a whole program are they worth a word.
const USUAL: [&str; 11] = [
    "BROWSER",
    "EDITOR",
    "ENV",
    "MAKEFLAGS",
    "MANPAGER",
    "PAGER",
    "PATH",
    "PYTHONPYCACHEPREFIX",
    "PYTHONWARNINGS",
    "SHELL",
    "VISUAL",
];
/// Variables that say where code or traffic comes from, in capitals.
const MOVES_SOURCE: [&str; 53] = [
    "ALL_PROXY",
    "ANTHROPIC_BASE_URL",
    "AWS_CA_BUNDLE",
    "AWS_ENDPOINT_URL",
    "BUN_CONFIG_REGISTRY",
    "CARGO_HOME",
    "CONDA_CHANNELS",
    "CONDA_CHANNEL_ALIAS",
    "CURL_CA_BUNDLE",
    "DENO_CERT",
    "DENO_TLS_CA_STORE",
    "DOCKER_HOST",
    "ELECTRON_MIRROR",
    "FTP_PROXY",
    "GIT_SSL_CAINFO",
    "GIT_SSL_NO_VERIFY",
    "GOFLAGS",
    "GOINSECURE",
    "GONOSUMDB",
    "GOPROXY",
    "GOSUMDB",
    "GRPC_PROXY",
    "HF_ENDPOINT",
    "HOMEBREW_API_DOMAIN",
    "HOMEBREW_ARTIFACT_DOMAIN",
    "HOMEBREW_BOTTLE_DOMAIN",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NODE_EXTRA_CA_CERTS",
    "NODE_TLS_REJECT_UNAUTHORIZED",
    "NVM_NODEJS_ORG_MIRROR",
    "OPENAI_API_BASE",
    "OPENAI_BASE_URL",
    "PIP_CONFIG_FILE",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_INDEX_URL",
    "PIP_TRUSTED_HOST",
    "PLAYWRIGHT_DOWNLOAD_HOST",
    "PUPPETEER_DOWNLOAD_BASE_URL",
    "REQUESTS_CA_BUNDLE",
    "RSYNC_PROXY",
    "RUSTUP_DIST_SERVER",
    "RUSTUP_UPDATE_ROOT",
    "SSLKEYLOGFILE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_INDEX",
    "UV_PYTHON_INSTALL_MIRROR",
    "YARN_REGISTRY",
];
/// Beginnings of names of whole families of these, in capitals.
const FAMILIES: [(&str, Effect); 9] = [
    ("ANTHROPIC_BEDROCK_BASE_URL", Effect::MovesSource),
    ("ANTHROPIC_VERTEX_BASE_URL", Effect::MovesSource),
    ("UV_INDEX_", Effect::MovesSource),
    ("NPM_CONFIG_NODE_OPTIONS", Effect::LoadsCode),
    ("NPM_CONFIG_SCRIPT_SHELL", Effect::LoadsCode),
    ("NPM_CONFIG_", Effect::MovesSource),
    ("YARN_NPM_REGISTRY", Effect::MovesSource),
    ("CARGO_REGISTRIES_", Effect::MovesSource),
    ("GIT_CONFIG_", Effect::LoadsCode),
];

/// Returns the effect of a variable of that name, where a configuration sets it.
pub(crate) fn of(name: &str) -> Option<Effect> {
    // npm and proxies read any case.
    let upper = name.to_ascii_uppercase();
    if LOADS_CODE.contains(&name) || USUAL.contains(&name) {
        return Some(Effect::LoadsCode);
    }
    if MOVES_SOURCE.contains(&upper.as_str()) {
        return Some(Effect::MovesSource);
    }
    let mut families = FAMILIES.into_iter();
    families.find(|(start, _)| upper.starts_with(start)).map(|(_, effect)| effect)
}

/// Returns the effect of a variable of that name, where a script sets it.
pub(crate) fn in_script(name: &str) -> Option<Effect> {
    of(name).filter(|_| !USUAL.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_load_code_or_move_a_source_s_108() {
        for name in LOADS_CODE.into_iter().chain(USUAL) {
            assert_eq!(of(name), Some(Effect::LoadsCode), "{name}");
        }
        for name in
            MOVES_SOURCE.iter().chain(&["npm_config_registry", "https_proxy", "UV_INDEX_URL"])
        {
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
