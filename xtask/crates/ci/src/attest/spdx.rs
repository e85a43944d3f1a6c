//! The bill of materials of a merged image, as SPDX 2.3.

use crate::merge::About;
use model::oci::ImageDigest;
use model::platform::Platform;
use serde_json::{Value, json};

/// What the image of one platform is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// What it runs on.
    pub platform: Platform,
    /// Its manifest.
    pub digest: ImageDigest,
    /// The backend that it holds, and the variant; none for an image without a package.
    pub package: Option<(String, String)>,
    /// What is in the package.
    pub components: Vec<Component>,
}

/// Something in a package that has a licence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// Its version, if it is known.
    pub version: Option<String>,
    /// Its licence.
    pub license: License,
    /// Where it comes from, as an SPDX download location, if that is known.
    pub location: Option<String>,
}

/// What is known of a licence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum License {
    /// An SPDX expression.
    Expression(String),
    /// The package has its text, at these paths; nobody has read it.
    Texts(Vec<String>),
}

const ROOT: &str = "SPDXRef-Image";
const UNKNOWN: &str = "NOASSERTION";

/// The bill of materials. `name` is for people; `index` identifies the image.
pub fn spdx(name: &str, index: &ImageDigest, about: &About, contents: &[Contents]) -> Value {
    let version = about.version.as_deref().unwrap_or(UNKNOWN);
    let mut packages = vec![image(ROOT, name, version, index)];
    let mut relations = vec![relation("SPDXRef-DOCUMENT", "DESCRIBES", ROOT)];
    for leg in contents {
        let id = format!("SPDXRef-{}", leg.platform.as_str().replace('/', "-"));
        let (package, variant) =
            leg.package.as_ref().map_or((name, UNKNOWN), |(name, variant)| (name, variant));
        packages.push(image(&id, &format!("{package} for {}", leg.platform), variant, &leg.digest));
        relations.push(relation(ROOT, "CONTAINS", &id));
        for (number, component) in leg.components.iter().enumerate() {
            // Names hold what an identifier may not: a number cannot collide.
            let own = format!("{id}-{}", number + 1);
            packages.push(describe(&own, component));
            relations.push(relation(&id, "CONTAINS", &own));
        }
    }
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": name,
        "documentNamespace": format!("urn:oci:{index}:spdx"),
        "creationInfo": {
            // The moment of the commit, so that the same image always has the same document.
            "created": about.created.as_deref().unwrap_or("1970-01-01T00:00:00Z"),
            "creators": ["Tool: xtask"],
        },
        "packages": packages,
        "relationships": relations,
    })
}

/// The fields that every package has.
fn package(id: &str, name: &str, location: Option<&str>) -> Value {
    json!({
        "SPDXID": id,
        "name": name,
        "downloadLocation": location.unwrap_or(UNKNOWN),
        "filesAnalyzed": false,
        "licenseConcluded": UNKNOWN,
        "licenseDeclared": UNKNOWN,
        "copyrightText": UNKNOWN,
    })
}

fn image(id: &str, name: &str, version: &str, digest: &ImageDigest) -> Value {
    let mut package = package(id, name, None);
    package["versionInfo"] = json!(version);
    package["primaryPackagePurpose"] = json!("CONTAINER");
    package["checksums"] =
        json!([{ "algorithm": digest.algorithm().as_str().to_uppercase(), "checksumValue": digest.hex() }]);
    package
}

fn describe(id: &str, component: &Component) -> Value {
    let mut package = package(id, &component.name, component.location.as_deref());
    if let Some(version) = &component.version {
        package["versionInfo"] = json!(version);
    }
    match &component.license {
        License::Expression(expression) => package["licenseDeclared"] = json!(expression),
        License::Texts(texts) if texts.is_empty() => {}
        License::Texts(texts) => {
            package["licenseComments"] = json!(format!("in the image: {}", texts.join(", ")));
        }
    }
    package
}

fn relation(from: &str, kind: &str, to: &str) -> Value {
    json!({ "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to })
}
