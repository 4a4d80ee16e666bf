// SPDX-License-Identifier: Apache-2.0
//! The media types and annotation keys of the field that artifacts are made of.

/// An image config (MAN-2).
pub const IMAGE_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// An image manifest (MAN-1).
pub const IMAGE_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// An image index (IDX-1).
pub const IMAGE_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// A layer: a gzip-compressed tar archive (MAN-2).
pub const IMAGE_LAYER_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// Docker's image config.
pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
/// Docker's image manifest, second version.
pub const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Docker's manifest list.
pub const DOCKER_MANIFEST_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// The artifact manifest of a release candidate of the OCI image specification 1.1.
pub const ARTIFACT_MANIFEST: &str = "application/vnd.oci.artifact.manifest.v1+json";
/// Bytes of which nothing is known (ST-11).
pub const OCTET_STREAM: &str = "application/octet-stream";

/// Annotation: when the artifact was made.
pub const ANNOTATION_CREATED: &str = "org.opencontainers.image.created";
/// Annotation: what it is.
pub const ANNOTATION_DESCRIPTION: &str = "org.opencontainers.image.description";
/// Annotation: its licences, an SPDX expression.
pub const ANNOTATION_LICENSES: &str = "org.opencontainers.image.licenses";
/// Annotation: a title; of a layer, its file name.
pub const ANNOTATION_TITLE: &str = "org.opencontainers.image.title";
/// Annotation: its version.
pub const ANNOTATION_VERSION: &str = "org.opencontainers.image.version";
/// Annotation in an image layout's `index.json`: the tag (ST-7).
pub const ANNOTATION_REF_NAME: &str = "org.opencontainers.image.ref.name";

/// Whether a document of that type names others: manifests and indexes, also Docker's (ST-8).
pub fn is_manifest(media_type: &str) -> bool {
    is_image_manifest(media_type) || is_image_index(media_type) || media_type == ARTIFACT_MANIFEST
}

/// Whether a document of that type has a config and layers.
pub fn is_image_manifest(media_type: &str) -> bool {
    matches!(media_type, IMAGE_MANIFEST | DOCKER_MANIFEST)
}

/// Whether a document of that type lists manifests.
pub fn is_image_index(media_type: &str) -> bool {
    matches!(media_type, IMAGE_INDEX | DOCKER_MANIFEST_LIST)
}

/// Whether layers of that type are not distributed with their images, and may be elsewhere (PULL-4).
pub fn is_foreign(media_type: &str) -> bool {
    media_type.starts_with("application/vnd.oci.image.layer.nondistributable.")
        || media_type.starts_with("application/vnd.docker.image.rootfs.foreign.")
}
