// SPDX-License-Identifier: Apache-2.0
//! Any credential file: no panic, and no name with a colon comes out of it.

use oci_registry_http::auth::credential::{
    Credential, CredentialSource, CredentialStore, Environment,
};
use oci_registry_http::transport::redact::Secret;

/// Runs the target on an input.
pub fn run(input: &[u8]) {
    let text = crate::text(input);
    let mut environment = Environment::default();
    environment.docker_auth_config = Some(Secret::new(text));
    let store = CredentialStore::discover(&environment);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        for registry in ["a", "docker.io", "h.io:443", "h.io"] {
            if let Ok(Some(found)) = store.lookup(registry, "org/x").await {
                let shown = format!("{found:?}");
                match found.credential {
                    Credential::Basic { username, password } => {
                        assert!(!username.contains(':'));
                        let password = password.expose();
                        let is_long = password.len() > 16 && !found.source.contains(password);
                        assert!(!is_long || !shown.replace(&username, "").contains(password));
                    }
                    Credential::IdentityToken { token } | Credential::RegistryToken { token } => {
                        assert!(token.expose().len() <= 16 || !shown.contains(token.expose()));
                    }
                    _ => unreachable!("there are three kinds"),
                }
            }
        }
    });
}
