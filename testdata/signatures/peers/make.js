// SPDX-License-Identifier: Apache-2.0
// Makes bundles with Sigstore's JavaScript client and the services of its mock, for the artifact in
// DIRECTORY/manifest: node make.js DIRECTORY. NAME.json is a bundle, NAME.content what a message signature
// is over, trusted_root.json the root.
const fs = require('fs');
const http = require('http');
const crypto = require('crypto');
const { fulcioHandler, initializeCA, initializeCTLog, initializeTLog, initializeTSA, rekorHandler, tsaHandler } =
  require('@sigstore/mock');
const { DSSEBundleBuilder, MessageSignatureBundleBuilder, FulcioSigner, RekorWitness, TSAWitness } =
  require('@sigstore/sign');
const { bundleToJSON } = require('@sigstore/bundle');

const directory = process.argv[2];
const pair = (namedCurve) => crypto.generateKeyPairSync('ec', { namedCurve });
const sha256 = (bytes, encoding) => crypto.createHash('sha256').update(bytes).digest(encoding);
const base64 = (bytes) =>
  Buffer.from(bytes.buffer ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes).toString('base64');

// The mock keeps proposals as they come; a log makes entries of them. PEM ends in a newline there.
function converted(proposal) {
  const newline = (text) =>
    Buffer.from(new crypto.X509Certificate(Buffer.from(text, 'base64').toString()).toString()).toString('base64');
  if (proposal.kind === 'hashedrekord') {
    const key = proposal.spec.signature.publicKey;
    key.content = newline(key.content);
    return proposal;
  }
  const { envelope, verifiers } = proposal.spec.proposedContent;
  const { payload, signatures } = JSON.parse(envelope);
  const hash = (bytes) => ({ algorithm: 'sha256', value: sha256(bytes, 'hex') });
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: hash(envelope),
      payloadHash: hash(Buffer.from(payload, 'base64')),
      signatures: signatures.map((one, index) => ({ signature: one.sig, verifier: newline(verifiers[index]) })),
    },
  };
}

// What has its default is not written, and Python's client wants it.
function completed(bundle) {
  const json = bundleToJSON(bundle);
  const material = json.verificationMaterial;
  material.tlogEntries = material.tlogEntries || [];
  for (const entry of material.tlogEntries) {
    entry.inclusionProof.logIndex = entry.inclusionProof.logIndex || '0';
    entry.inclusionProof.hashes = entry.inclusionProof.hashes || [];
  }
  return JSON.stringify(json);
}

async function main() {
  const ct = await initializeCTLog(pair('P-256'));
  const ca = await initializeCA(pair('P-384'), ct);
  let handlers = [];
  const server = http.createServer((request, response) => {
    const body = [];
    request.on('data', (chunk) => body.push(chunk));
    request.on('end', async () => {
      const handler = handlers.find((one) => one.path === request.url);
      if (!handler) {
        response.writeHead(404);
        return response.end();
      }
      const answer = await handler.fn(Buffer.concat(body).toString());
      response.writeHead(answer.statusCode, { 'content-type': answer.contentType || 'text/plain' });
      response.end(answer.response);
    });
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${server.address().port}`;
  const log = await initializeTLog(url, pair('P-256'));
  // Whole seconds, for fractions are refused by some readers; and late enough for all certificates below.
  const tsa = await initializeTSA(pair('P-256'), new Date(Math.floor(Date.now() / 1000) * 1000 + 30000));
  const add = log.log.bind(log);
  log.log = async (proposal) => add(converted(proposal));
  handlers = [fulcioHandler(ca), rekorHandler(log), tsaHandler(tsa)];

  const start = new Date(Date.now() - 3600e3).toISOString();
  const of = (key) => ({
    baseUrl: url,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: key.toString('base64'), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor: { start } },
    logId: { keyId: sha256(key, 'base64') },
  });
  const authority = (commonName, chain) => ({
    subject: { organization: 'sigstore.mock', commonName },
    uri: url,
    certChain: { certificates: chain.map((der) => ({ rawBytes: base64(der) })) },
    validFor: { start },
  });
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [of(log.publicKey)],
    certificateAuthorities: [authority('sigstore', [ca.rootCertificate])],
    ctlogs: [of(ct.publicKey)],
    timestampAuthorities: [authority('tsa', [tsa.intCertificate, tsa.rootCertificate])],
  };
  fs.writeFileSync(`${directory}/trusted_root.json`, JSON.stringify(root, null, 1));

  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const token = [
    part({ alg: 'none' }),
    part({
      iss: 'https://token.actions.githubusercontent.com',
      aud: 'sigstore',
      sub: 'https://github.com/acme/skills/.github/workflows/release.yml@refs/tags/v1',
      repository: 'acme/skills',
      ref: 'refs/tags/v1',
      exp: now + 600,
      iat: now,
    }),
    '',
  ].join('.');
  const signer = () => new FulcioSigner({ fulcioBaseURL: url, identityProvider: { getToken: async () => token } });
  const rekor = (entryType) => new RekorWitness({ rekorBaseURL: url, entryType });
  const clock = () => new TSAWitness({ tsaBaseURL: url });
  const write = (name, bundle) => fs.writeFileSync(`${directory}/${name}.json`, completed(bundle));

  const manifest = fs.readFileSync(`${directory}/manifest`);
  const hex = sha256(manifest, 'hex');
  const statement = Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: hex } }],
      predicateType: 'https://sigstore.dev/cosign/sign/v1',
      predicate: {},
    }),
  );
  for (const [name, witnesses] of [
    ['statement', [rekor('dsse')]],
    ['statement-clock', [rekor('dsse'), clock()]],
    ['statement-clock-only', [clock()]],
  ]) {
    const builder = new DSSEBundleBuilder({ signer: signer(), witnesses, certificateChain: false });
    write(name, await builder.create({ data: statement, type: 'application/vnd.in-toto+json' }));
  }
  const message = async (name, data, witnesses) => {
    fs.writeFileSync(`${directory}/${name}.content`, data);
    const builder = new MessageSignatureBundleBuilder({ signer: signer(), witnesses });
    write(name, await builder.create({ data }));
  };
  await message('message', manifest, [rekor('hashedrekord'), clock()]);
  const critical = {
    identity: { 'docker-reference': '127.0.0.1:5000/me/x' },
    image: { 'docker-manifest-digest': `sha256:${hex}` },
    type: 'cosign container image signature',
  };
  await message('simple', Buffer.from(JSON.stringify({ critical })), [rekor('hashedrekord')]);
  server.close();
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
