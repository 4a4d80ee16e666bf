#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A step of the action (action.yml), which hands everything over in variables of the environment. What is
# kept between steps lies below RUNNER_TEMP and goes with the job.
set -euo pipefail

place=$RUNNER_TEMP/toolhive-oci
mkdir -p "$place"
export DOCKER_CONFIG=$place/docker
tool=$place/bin/toolhive-oci
store=$place/store

fail() {
    echo "::error::$1"
    exit 1
}

# Checks that a file has a SHA-256; macOS calls the program by another name.
has_sha256() {
    local sums=(sha256sum)
    command -v sha256sum >/dev/null || sums=(shasum -a 256)
    [[ $("${sums[@]}" <"$1") == "$2 "* ]]
}

target() {
    case $RUNNER_OS-$RUNNER_ARCH in
    Linux-X64) echo x86_64-unknown-linux-musl ;;
    Linux-ARM64) echo aarch64-unknown-linux-musl ;;
    macOS-X64) echo x86_64-apple-darwin ;;
    macOS-ARM64) echo aarch64-apple-darwin ;;
    *) fail "there is no toolhive-oci for $RUNNER_OS on $RUNNER_ARCH" ;;
    esac
}

# The reference with the digest in place of the tag.
pinned() {
    [[ ${REFERENCE##*/} == *:* ]] || fail "reference: $REFERENCE has no tag"
    echo "${REFERENCE%:*}@$DIGEST"
}

case $1 in
install)
    [[ $SHA256 =~ ^[0-9a-f]{64}$ ]] || fail "sha256: 64 hexadecimal digits are wanted"
    if [[ -z $URL ]]; then
        triple=$(target)
        URL=$REPOSITORY/releases/download/v$VERSION/toolhive-oci-$VERSION-$triple.tar.gz
    fi
    # A file of the runner is as good; a redirect may only lead to HTTPS.
    curl --proto '=https,file' --proto-redir '=https' --fail --silent --show-error --location \
        --retry 3 --output "$place/toolhive-oci.tar.gz" "$URL"
    has_sha256 "$place/toolhive-oci.tar.gz" "$SHA256" ||
        fail "$URL has another SHA-256 than the one that was pinned"
    mkdir -p "$place/bin"
    tar -xzf "$place/toolhive-oci.tar.gz" --strip-components=1 -C "$place/bin"
    [[ $("$tool" --version) == *" $VERSION" ]] || fail "this is not toolhive-oci $VERSION"
    echo "$place/bin" >>"$GITHUB_PATH"
    ;;
validate)
    code=0
    "$tool" "$KIND" validate "$DIRECTORY" --profile "$PROFILE" --format sarif >"$SARIF" || code=$?
    echo "sarif=$SARIF" >>"$GITHUB_OUTPUT"
    # Again in words, for the log, and as a report for the summary; the verdict is that of the first run.
    "$tool" "$KIND" validate "$DIRECTORY" --profile "$PROFILE" || true
    "$tool" "$KIND" validate "$DIRECTORY" --profile "$PROFILE" --format markdown >>"$GITHUB_STEP_SUMMARY" || true
    exit "$code"
    ;;
build)
    words=("$tool" --store "$store" --format json "$KIND" build "$DIRECTORY")
    [[ -z $REFERENCE ]] || words+=(--tag "$REFERENCE")
    document=$("${words[@]}")
    pattern='"index_digest": *"(sha256:[0-9a-f]{64})"'
    [[ $document =~ $pattern ]] || fail "build printed no digest"
    built=${BASH_REMATCH[1]}
    echo "digest=$built" >>"$GITHUB_OUTPUT"
    echo "Packaged \`$DIRECTORY\` as \`$built\`" | tee -a "$GITHUB_STEP_SUMMARY"
    # What it would run, for whoever looks at the run.
    "$tool" --store "$store" "$KIND" inspect "$built" --format markdown >>"$GITHUB_STEP_SUMMARY"
    ;;
push)
    if [[ -n $LOGIN_USERNAME ]]; then
        printf '%s' "$LOGIN_PASSWORD" |
            "$tool" login "${REFERENCE%%/*}" --username "$LOGIN_USERNAME" --password-stdin
    fi
    "$tool" --store "$store" "$KIND" push "$REFERENCE"
    echo "Pushed to \`$REFERENCE\`" >>"$GITHUB_STEP_SUMMARY"
    ;;
sign)
    umask 077
    trap 'rm -f "$place/key"' EXIT
    printf '%s\n' "$KEY" >"$place/key"
    "$tool" "$KIND" sign "$(pinned)" --key "$place/key"
    ;;
verify)
    # What is there is what the directory makes.
    "$tool" "$KIND" verify --remote "$(pinned)" "$DIRECTORY"
    if [[ -n $PUBLIC_KEY ]]; then
        "$tool" "$KIND" verify-signature --remote "$(pinned)" --key "$PUBLIC_KEY"
    fi
    ;;
*)
    fail "no step is called $1"
    ;;
esac
