//! Another host for the distribution's packages.

use crate::cmd::Cmd;
use model::host::Distro;

/// A base URL that stands in for the scheme and host of the distribution's own archives.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AptMirror {
    archive: String,
    ports: Option<String>,
}

/// The text cannot be a mirror.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a mirror: expected http:// or https:// and a host, such as http://mirror.example.org")]
pub struct MirrorError(String);

fn check(url: &str) -> Result<String, MirrorError> {
    let bad = || MirrorError(url.to_owned());
    let url = url.trim_end_matches('/');
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")).ok_or_else(bad)?;
    // Nothing in here means anything to sed or to a shell.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/');
    if rest.is_empty() || rest.starts_with('/') || !rest.chars().all(plain) {
        return Err(bad());
    }
    Ok(url.to_owned())
}

impl AptMirror {
    /// A mirror of the archive and, on Ubuntu for arm64, one of the ports archive.
    pub fn new(archive: &str, ports: Option<&str>) -> Result<Self, MirrorError> {
        Ok(Self { archive: check(archive)?, ports: ports.map(check).transpose()? })
    }

    /// The command that rewrites the distribution's own source lists, in either format, and no others.
    pub(super) fn rewrite(&self, distro: Distro) -> Cmd {
        let mut expressions = Vec::new();
        let own_file = match distro {
            Distro::Ubuntu2204 | Distro::Ubuntu2404 => {
                expressions.push(format!(r"s#https?://(archive|security)\.ubuntu\.com#{}#g", self.archive));
                if let Some(ports) = &self.ports {
                    expressions.push(format!(r"s#https?://ports\.ubuntu\.com#{ports}#g"));
                }
                "/etc/apt/sources.list.d/ubuntu.sources"
            }
            Distro::Debian12 | Distro::Debian13 => {
                expressions.push(format!(
                    r"s#https?://[^/ ]+/(debian(-security)?)(/? |/?$)#{}/\1\3#g",
                    self.archive
                ));
                "/etc/apt/sources.list.d/debian.sources"
            }
        };
        let mut cmd = Cmd::root("find").args(["/etc/apt", "-type", "f", "("]);
        cmd = cmd.args(["-path", "/etc/apt/sources.list", "-o", "-path", own_file, ")"]);
        cmd = cmd.args(["-exec", "sed", "-E", "-i"]);
        for expression in expressions {
            cmd = cmd.arg("-e").arg(expression);
        }
        cmd.args(["{}", "+"])
    }
}
