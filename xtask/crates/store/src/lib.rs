//! The local content-addressed cache: digests, blobs, entries, locks, garbage collection.
