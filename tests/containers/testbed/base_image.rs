//! The distribution's image: debootstrapped once, kept in a registry that answers for Docker Hub.

use super::builder::Builder;
use super::debian::{self, RELEASE};
use super::registry::Registry;
use super::tools::{Tools, once};
use crate::checkout::temporary;
use crate::child::{self, LONG};
use camino::Utf8Path;
use std::fmt::Write;
use std::process::Command;
use std::sync::LazyLock;

/// The image's name without its tag.
const NAME: &str = "library/debian";

/// In a mount name space of its own, so that nothing stays mounted whatever happens.
///
/// Packages come from where this machine's come from, over its proxy and with its certificates.
const MAKE: &str = r#"
work=$1 release=$2 uri=$3 sources=$4 out=$5
mount -t tmpfs -o size=2g root "$work"
root=$work/root
debootstrap --variant=minbase "$release" "$root" "$uri" > "$out.log" 2>&1 || { tail -5 "$out.log" >&2; exit 1; }
printf '%s' "$sources" > "$root/etc/apt/sources.list"
apt-config dump | grep -E '^Acquire::(https?::Proxy|Check-|Max-|Retries|ForceIPv)' > "$root/etc/apt/apt.conf.d/90host" || true
mkdir -p "$root/etc/ssl/certs" "$root/usr/local/share/ca-certificates"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
cp -r /usr/local/share/ca-certificates/. "$root/usr/local/share/ca-certificates/"
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/var/log/bootstrap.log
tar --create --one-file-system --sort=name --directory "$root" --file "$out" .
"#;

/// The registry that has the image. It is for reading.
pub fn registry() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
        let storage = Tools::get().home().join("images");
        once(&storage, make);
        Registry::on(storage, crate::checkout::scratch().join("bed"))
    });
    &REGISTRY
}

fn make(storage: &Utf8Path) {
    let (_dir, context) = temporary();
    let tar = context.join("root.tar");
    bootstrap(&context, &tar);
    let dockerfile = "FROM scratch\nADD root.tar /\nCMD [\"bash\"]\n";
    fs_err::write(context.join("Dockerfile"), dockerfile).unwrap();
    let registry = Registry::on(storage.to_owned(), context.join("registry"));
    let builder = Builder::with_mirror(registry.address());
    // Unpacked in every builder: quickly rather than small.
    let output = format!(
        "type=image,\"name={}\",push=true,oci-mediatypes=true,compression=zstd,force-compression=true",
        registry.repository(&format!("{NAME}:{RELEASE}-slim"))
    );
    builder
        .docker(&["buildx", "build", "--provenance=false", "--output", &output, context.as_str()])
        .expect(0);
}

fn bootstrap(context: &Utf8Path, tar: &Utf8Path) {
    let packages = Tools::get().packages();
    let repositories = debian::repositories();
    let main = repositories.iter().find(|repository| repository.suite == RELEASE).unwrap();
    let mut sources = String::new();
    for repository in &repositories {
        writeln!(sources, "deb {} {} {}", repository.uri, repository.suite, repository.component).unwrap();
    }
    let work = context.join("bootstrap");
    fs_err::create_dir_all(&work).unwrap();
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-eu", "-c", MAKE, "sh"]);
    command.args([work.as_str(), RELEASE, &main.uri, &sources, tar.as_str()]);
    let path = format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", packages.join("usr/sbin"));
    command.env("PATH", path).env("DEBOOTSTRAP_DIR", packages.join("usr/share/debootstrap"));
    child::run(command, LONG).expect(0);
}
