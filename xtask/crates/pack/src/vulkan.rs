//! Vulkan's drivers: libraries that its loader opens, and the manifests that name them.

use crate::PackError;
use crate::stage::Staging;
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

/// Where Vulkan's loader looks, and hosts of packages do, below a package's root.
const MANIFESTS: &str = "vulkan/icd.d";

/// One driver.
pub(crate) struct Driver {
    /// The manifest's name.
    file: String,
    manifest: Value,
    /// The library's name.
    pub(crate) library: String,
}

/// The drivers that a Debian package brought to the system at `system`.
pub(crate) fn drivers(system: &Utf8Path, package: &str) -> Result<Vec<Driver>, PackError> {
    let directory = system.join("usr/share").join(MANIFESTS);
    let mut drivers = Vec::new();
    for entry in directory.read_dir_utf8().into_iter().flatten() {
        let path = entry?.into_path();
        let at_home = Utf8Path::new("/").join(path.strip_prefix(system).unwrap_or(&path));
        let owners = debian::owners(system, &[at_home.clone()].into())?;
        if owners.get(&at_home).is_some_and(|owner| owner == package) {
            drivers.push(read(&path)?);
        }
    }
    if drivers.is_empty() {
        let reason = format!("{directory} holds no driver of the package {package}; install it");
        return Err(PackError::Spec(reason));
    }
    drivers.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(drivers)
}

fn read(path: &Utf8Path) -> Result<Driver, PackError> {
    let malformed = |reason: String| PackError::Malformed { path: path.to_owned(), reason };
    let text = fs_err::read_to_string(path)?;
    let mut manifest: Value = serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
    let place = manifest.pointer_mut("/ICD/library_path");
    let library = place.as_ref().and_then(|place| Utf8Path::new(place.as_str()?).file_name());
    let library = library.ok_or_else(|| malformed("ICD.library_path names no file".to_owned()))?.to_owned();
    if let Some(place) = place {
        // A path with a slash counts from the manifest.
        *place = format!("../../lib/{library}").into();
    }
    Ok(Driver { file: path.file_name().unwrap_or_default().to_owned(), manifest, library })
}

impl Driver {
    /// Writes the manifest; the library goes the way of all libraries.
    pub(crate) fn write(&self, staging: &mut Staging) -> Result<(), PackError> {
        let text = serde_json::to_string_pretty(&self.manifest).map_err(std::io::Error::from)? + "\n";
        staging.text(&Utf8PathBuf::from(MANIFESTS).join(&self.file), &text, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_of_one_package_are_named_from_their_manifests() {
        let temp = tempfile::tempdir().unwrap();
        let system = Utf8Path::from_path(temp.path()).unwrap();
        let put = |path: &str, text: &str| {
            let path = system.join(path);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, text).unwrap();
        };
        let manifest = |library: &str| format!(r#"{{"ICD": {{"library_path": "{library}"}}}}"#);
        put("usr/share/vulkan/icd.d/soft.json", &manifest("/usr/lib/x/libsoft.so"));
        put("usr/share/vulkan/icd.d/hard.json", &manifest("libhard.so"));
        put("usr/share/vulkan/icd.d/other.json", "of another package");
        put(
            "var/lib/dpkg/info/free:amd64.list",
            "/usr/share/vulkan/icd.d/soft.json\n/usr/share/vulkan/icd.d/hard.json\n",
        );
        let found = drivers(system, "free").unwrap();
        let names: Vec<_> = found.iter().map(|driver| (&*driver.file, &*driver.library)).collect();
        assert_eq!(names, [("hard.json", "libhard.so"), ("soft.json", "libsoft.so")]);

        let package = system.join("package");
        fs_err::create_dir(&package).unwrap();
        found[1].write(&mut Staging::at(package.clone()).unwrap()).unwrap();
        let text = fs_err::read_to_string(package.join("vulkan/icd.d/soft.json")).unwrap();
        let written: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(written["ICD"]["library_path"], "../../lib/libsoft.so");

        let error = drivers(system, "none").err().unwrap().to_string();
        assert!(error.contains("no driver of the package none"), "{error}");
        put("usr/share/vulkan/icd.d/soft.json", "{}");
        assert!(drivers(system, "free").err().unwrap().to_string().contains("library_path"));
    }
}
