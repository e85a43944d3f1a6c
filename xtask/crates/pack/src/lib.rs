//! Packages: shared-library closure, relocation, licences, checks, OCI images.
