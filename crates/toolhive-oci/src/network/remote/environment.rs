// SPDX-License-Identifier: Apache-2.0
//! The environment's word on registries.

use oci_registry_http::auth::credential::Environment;
use oci_registry_http::auth::helper::Helper;
use oci_registry_http::transport::connection::ProxyOptions;
use oci_registry_http::transport::redact::Secret;

/// The places where credentials are.
pub(crate) fn environment() -> Environment {
    let mut environment = Environment::from_vars(|name| std::env::var_os(name));
    #[cfg(unix)]
    {
        environment.uid = Some(rustix::process::getuid().as_raw());
    }
    // `HOME` may be set on Windows, too, by what comes from Unix; Docker does not look at it there.
    #[cfg(windows)]
    {
        environment.home = std::env::home_dir();
    }
    environment
}

/// The runner of credential helpers.
pub(crate) fn helper() -> Helper {
    Helper { search_path: environment().search_path, ..Helper::default() }
}

/// The proxies, from the variables that everybody knows, in either case.
pub(super) fn proxies() -> ProxyOptions {
    let variable = |name: &str| {
        let either = [name.to_owned(), name.to_lowercase()];
        either.iter().filter_map(|name| std::env::var(name).ok()).find(|value| !value.is_empty())
    };
    let all = || variable("ALL_PROXY");
    let mut proxies = ProxyOptions::default();
    proxies.http = variable("HTTP_PROXY").or_else(all).map(Secret::new);
    proxies.https = variable("HTTPS_PROXY").or_else(all).map(Secret::new);
    proxies.exempt = variable("NO_PROXY").unwrap_or_default();
    proxies
}
