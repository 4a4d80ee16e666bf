// SPDX-License-Identifier: Apache-2.0
// Verifies bundles with Sigstore's JavaScript client: node verify.js DIRECTORY IDENTITY ISSUER NAME...
// Of each NAME.json, with NAME.content where that is there, a line `NAME ok` or `NAME no: REASON`.
const fs = require('fs');
const { Verifier, toTrustMaterial, toSignedEntity } = require('@sigstore/verify');
const { bundleFromJSON } = require('@sigstore/bundle');
const { TrustedRoot } = require('@sigstore/protobuf-specs');

const [directory, subjectAlternativeName, issuer, ...names] = process.argv.slice(2);
const read = (name) => fs.readFileSync(`${directory}/${name}`);
const trust = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(read('trusted_root.json'))));
for (const name of names) {
  try {
    const content = fs.existsSync(`${directory}/${name}.content`) ? read(`${name}.content`) : undefined;
    const bundle = bundleFromJSON(JSON.parse(read(`${name}.json`)));
    const policy = { subjectAlternativeName, extensions: { issuer } };
    new Verifier(trust, {}).verify(toSignedEntity(bundle, content), policy);
    console.log(`${name} ok`);
  } catch (error) {
    console.log(`${name} no: ${String(error.message).replace(/\n/g, ' ')}`);
  }
}
