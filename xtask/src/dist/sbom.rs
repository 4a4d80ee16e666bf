// SPDX-License-Identifier: Apache-2.0
//! Describes the contents of the binary, as an SPDX 2.3 document in JSON. It has no time but the
//! release's and no random identifier: the same release gives the same document.

use oci_artifact::digest;
use serde_json::{Value, json};

use super::Date;
use super::binary::Built;
use super::linked::{Crate, Linked, Name};
use crate::Result;

/// The value of SPDX for a fact that nobody has checked.
const NO_ASSERTION: &str = "NOASSERTION";

pub(super) fn document(linked: &Linked, built: &Built, date: Date) -> Result<Vec<u8>> {
    let checksum = digest::sha256(&built.bytes).hex();
    let (_, version) = &linked.root;
    let title = format!("toolhive-oci-{version}-{}", built.platform.triple);

    let mut packages = Vec::new();
    for (name, described) in &linked.crates {
        let mut package = package(name, described);
        if *name == linked.root {
            package["primaryPackagePurpose"] = json!("APPLICATION");
            package["checksums"] = json!([{ "algorithm": "SHA256", "checksumValue": checksum }]);
        }
        packages.push(package);
    }
    let standard: Name = ("rust-std".into(), built.rustc.clone());
    packages.push(json!({
        "SPDXID": id(&standard),
        "name": standard.0,
        "versionInfo": standard.1,
        "downloadLocation": "https://github.com/rust-lang/rust",
        "filesAnalyzed": false,
        "licenseConcluded": NO_ASSERTION,
        "licenseDeclared": "MIT OR Apache-2.0",
        "copyrightText": NO_ASSERTION,
    }));

    let relation = |from: &str, kind: &str, to: &str| json!({ "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to });
    let root = id(&linked.root);
    let mut relations = vec![relation("SPDXRef-DOCUMENT", "DESCRIBES", &root)];
    relations
        .extend(linked.edges.iter().map(|(from, to)| relation(&id(from), "DEPENDS_ON", &id(to))));
    relations.push(relation(&root, "DEPENDS_ON", &id(&standard)));

    let document = json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": title,
        // One for each binary, as SPDX requires, and not a random number.
        "documentNamespace": format!("https://spdx.org/spdxdocs/{title}-{checksum}"),
        "creationInfo": {
            "created": format!("{date}T00:00:00Z"),
            "creators": [format!("Tool: toolhive-oci-xtask-{version}")],
        },
        "packages": packages,
        "relationships": relations,
    });
    let mut text = serde_json::to_vec_pretty(&document)?;
    text.push(b'\n');
    Ok(text)
}

fn package(name: &Name, described: &Crate) -> Value {
    let (title, version) = name;
    let mut package = json!({
        "SPDXID": id(name),
        "name": title,
        "versionInfo": version,
        "downloadLocation": NO_ASSERTION,
        "filesAnalyzed": false,
        "licenseConcluded": NO_ASSERTION,
        "licenseDeclared": described.license.as_deref().map_or(NO_ASSERTION.into(), license),
        "copyrightText": NO_ASSERTION,
    });
    if let Some(repository) = &described.repository {
        package["homepage"] = json!(repository);
    }
    if let Some(checksum) = &described.checksum {
        let url = format!("https://static.crates.io/crates/{title}/{title}-{version}.crate");
        package["downloadLocation"] = json!(url);
        package["checksums"] = json!([{ "algorithm": "SHA256", "checksumValue": checksum }]);
        package["externalRefs"] = json!([{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": format!("pkg:cargo/{title}@{}", version.replace('+', "%2B")),
        }]);
    }
    package
}

/// An identifier has letters, digits, `.` and `-` only.
fn id((name, version): &Name) -> String {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let text = format!("{name}-{version}");
    let text: String = text.chars().map(|c| if is_allowed(c) { c } else { '-' }).collect();
    format!("SPDXRef-Package-{text}")
}

/// Old crates write `MIT/Apache-2.0` where SPDX requires `OR`.
fn license(text: &str) -> String {
    text.split('/').map(str::trim).collect::<Vec<_>>().join(" OR ")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::PathBuf;

    use super::*;
    use crate::dist::platform::Platform;

    fn name(text: &str) -> Name {
        (text.to_owned(), "1.0.0+x".to_owned())
    }

    #[test]
    fn the_document_is_whole_and_always_the_same() {
        let described = |checksum: Option<&str>| Crate {
            license: Some("MIT/Apache-2.0".into()),
            repository: None,
            checksum: checksum.map(str::to_owned),
        };
        let linked = Linked {
            crates: BTreeMap::from([
                (name("a"), described(None)),
                (name("b_c"), described(Some("00"))),
            ]),
            edges: BTreeSet::from([(name("a"), name("b_c"))]),
            root: name("a"),
        };
        let built = Built {
            path: PathBuf::new(),
            bytes: b"binary".to_vec(),
            platform: Platform::of("x86_64-unknown-linux-musl").expect("it is known"),
            rustc: "1.0.0".into(),
        };
        let date: Date = "2026-01-31".parse().expect("a day");
        let text = document(&linked, &built, date).expect("a document");
        assert_eq!(text, document(&linked, &built, date).expect("a document"));

        let read: Value = serde_json::from_slice(&text).expect("JSON");
        let list = |key: &str| read[key].as_array().expect("a list").clone();
        let mut ids: BTreeSet<String> =
            list("packages").iter().map(|package| package["SPDXID"].to_string()).collect();
        assert_eq!(ids.len(), 3);
        ids.insert(read["SPDXID"].to_string());
        for relation in list("relationships") {
            assert!(ids.contains(&relation["spdxElementId"].to_string()));
            assert!(ids.contains(&relation["relatedSpdxElement"].to_string()));
        }
        let b = &read["packages"][1];
        assert_eq!(b["SPDXID"], "SPDXRef-Package-b-c-1.0.0-x");
        assert_eq!(b["licenseDeclared"], "MIT OR Apache-2.0");
        assert_eq!(b["externalRefs"][0]["referenceLocator"], "pkg:cargo/b_c@1.0.0%2Bx");
    }
}
