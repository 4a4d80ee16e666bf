// SPDX-License-Identifier: Apache-2.0
//! Any text: no panic, and a reference that is read is the same when its canonical form is.

use oci_artifact::reference::{Defaults, Reference, RepositoryName};

/// Runs the target on an input.
pub fn run(input: &[u8]) {
    let text = crate::text(input);
    for defaults in [Defaults::Strict, Defaults::DockerLike] {
        let Ok(read) = Reference::parse(text, defaults) else { continue };
        assert_eq!(read.as_str(), text);
        assert!(read.tag().is_some() || read.digest().is_some());
        let canonical = read.canonical();
        // The canonical form is strict: Docker takes some registries for parts of a name.
        let again = Reference::parse(&canonical, Defaults::Strict).expect("it is one");
        assert_eq!(again.canonical(), canonical);
        assert_eq!((again.tag(), again.digest()), (read.tag(), read.digest()));
        assert_eq!(again.api_host().to_lowercase(), read.api_host().to_lowercase());
        let name = RepositoryName::parse(&read.name().to_string(), Defaults::Strict);
        assert_eq!(name.expect("it was one").canonical(), read.name().canonical());
    }
}
