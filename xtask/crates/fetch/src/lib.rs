//! Sources: pins are fetched from mirrors, verified, unpacked safely, patched.
