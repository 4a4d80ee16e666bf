# SPDX-License-Identifier: Apache-2.0
"""Verifies bundles with Sigstore's Python client: verify.py DIRECTORY IDENTITY ISSUER NAME...

Of each NAME.json, with NAME.content where that is there, a line `NAME ok` or `NAME no: REASON`.
"""
import pathlib
import sys

from sigstore.models import Bundle, TrustedRoot
from sigstore.verify import Verifier, policy

directory, identity, issuer, *names = sys.argv[1:]
directory = pathlib.Path(directory)
verifier = Verifier(trusted_root=TrustedRoot.from_file(str(directory / "trusted_root.json")))
expected = policy.Identity(identity=identity, issuer=issuer)
for name in names:
    try:
        bundle = Bundle.from_json((directory / f"{name}.json").read_bytes())
        content = directory / f"{name}.content"
        if content.exists():
            verifier.verify_artifact(content.read_bytes(), bundle, expected)
        else:
            verifier.verify_dsse(bundle, expected)
        print(name, "ok")
    except Exception as error:  # whatever it is, it does not count
        print(name, "no:", str(error).replace("\n", " "))
