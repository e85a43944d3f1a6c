//! Pure planning: manifests, variants, units, recipes, steps and keys.
