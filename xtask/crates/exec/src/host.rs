//! Captures the machine, once, as planning sees it.

use model::host::{Distro, Host, Privilege};
use model::platform::{Arch, Os, Platform};
use model::time::refresh::Refresh;
use std::time::SystemTime;

/// The variable by which the jobs of one run agree on a bucket of time: what `matrix` asked the registry for must be what
/// they build and merge, whenever they start.
pub const BUCKET: &str = "XTASK_BUCKET";

/// Why nothing can be planned here.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// This machine is of a kind that nothing here knows how to build on.
    #[error("this tool runs on Linux and macOS, on x86-64 and AArch64; this machine is {os}/{arch}")]
    UnknownMachine {
        /// Its operating system.
        os: &'static str,
        /// Its architecture.
        arch: &'static str,
    },
    /// The variable holds something else.
    #[error("{BUCKET} is `{value}`, and no bucket of time; {next}")]
    NoBucket {
        /// What it holds.
        value: String,
        /// What to do.
        next: String,
    },
}

/// The machine as it is now. On Linux it reads a few small files; a Mac's kernel is asked twice.
pub fn capture(refresh: Refresh) -> Result<Host, CaptureError> {
    let unknown = CaptureError::UnknownMachine { os: std::env::consts::OS, arch: std::env::consts::ARCH };
    let os = match std::env::consts::OS {
        "linux" => Os::Linux,
        "macos" => Os::Darwin,
        _ => return Err(unknown),
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => Arch::Amd64,
        "aarch64" => Arch::Arm64,
        _ => return Err(unknown),
    };
    Ok(Host {
        platform: Platform { os, arch },
        distro: distro(&os_release()),
        privilege: privilege(),
        cpus: std::thread::available_parallelism().map_or(1, usize::from),
        memory_mib: match os {
            Os::Linux => memory_mib(&fs_err::read_to_string("/proc/meminfo").unwrap_or_default()),
            Os::Darwin => memory_of_mac(&sysctl("hw.memsize")),
        },
        cpu: match os {
            Os::Linux => cpu(&fs_err::read_to_string("/proc/cpuinfo").unwrap_or_default()),
            Os::Darwin => sysctl("machdep.cpu.brand_string"),
        },
        refresh: bucket(refresh, std::env::var(BUCKET).ok().filter(|value| !value.is_empty()))?,
        ci: std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false"),
        is_here: true,
    })
}

/// The bucket that was handed on, else that of now.
fn bucket(refresh: Refresh, given: Option<String>) -> Result<Option<String>, CaptureError> {
    let now = refresh.bucket(SystemTime::now());
    let Some(given) = given else { return Ok(now) };
    if refresh.is_bucket(&given) {
        return Ok(Some(given));
    }
    let next = match now {
        Some(now) => format!("unset it, or give one as in `{now}`"),
        None => "unset it: by `refresh` of backend/variants.yaml nothing is renewed for its age".to_owned(),
    };
    Err(CaptureError::NoBucket { value: given, next })
}

fn os_release() -> String {
    let file = "/etc/os-release";
    memo::saw(file);
    fs_err::read_to_string(file).unwrap_or_default()
}

fn distro(os_release: &str) -> Option<Distro> {
    let field = |name: &str| {
        let line = os_release.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
        Some(line.trim_matches(['"', '\'']).to_owned())
    };
    Distro::from_os_release(&field("ID")?, &field("VERSION_ID")?)
}

fn privilege() -> Privilege {
    if rustix::process::geteuid().is_root() {
        Privilege::Root
    } else if which::which("sudo").is_ok() {
        Privilege::Sudo
    } else {
        Privilege::None
    }
}

/// Memory that a build may use, in MiB: what is available now rather than all that there is.
fn memory_mib(meminfo: &str) -> u64 {
    let field = |name: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    field("MemAvailable:").or_else(|| field("MemTotal:")).map_or(0, |kib| kib / 1024)
}

/// What a Mac has, of which builds may use the larger part: it counts what it could give back as used.
fn memory_of_mac(bytes: &str) -> u64 {
    // The smallest that was sold in years has 8 GiB.
    bytes.parse::<u64>().map_or(8 << 10, |bytes| bytes >> 20) / 4 * 3
}

/// What the kernel says of the machine: the same until it is turned off.
fn sysctl(name: &str) -> String {
    let mut command = std::process::Command::new("/usr/sbin/sysctl");
    command.args(["-n", name]);
    halt::Run::new(command).known_by_its_file().text().map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// Model and instruction sets of the first processor: two machines with the same text run the same `native` build.
fn cpu(cpuinfo: &str) -> String {
    let field = |name: &str| {
        cpuinfo
            .lines()
            .find(|line| line.starts_with(name))
            .and_then(|line| line.split_once(':'))
            .map_or("", |(_, v)| v.trim())
    };
    let mut flags: Vec<&str> =
        field("flags").split_whitespace().chain(field("Features").split_whitespace()).collect();
    flags.sort_unstable();
    format!("{} {}", field("model name"), flags.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_distribution_and_the_processor() {
        assert_eq!(distro("ID=debian\nVERSION_ID=\"12\"\n"), Some(Distro::Debian12));
        assert_eq!(distro("ID=\"ubuntu\"\nVERSION_ID=\"24.04\"\n"), Some(Distro::Ubuntu2404));
        assert_eq!(distro("ID=fedora\nVERSION_ID=41\n"), None);
        assert_eq!(cpu("model name\t: X 1\nflags\t\t: sse avx aes\n"), "X 1 aes avx sse");
        assert_eq!(memory_mib("MemTotal: 4096 kB\nMemAvailable: 2048 kB\n"), 2);
        assert_eq!((memory_of_mac("17179869184"), memory_of_mac("")), (12_288, 6144));
    }

    #[test]
    fn a_bucket_that_was_handed_on_is_that_of_the_run() {
        let given = |refresh, text: &str| bucket(refresh, Some(text.to_owned()));
        assert_eq!(given(Refresh::IsoWeek, "2026-W01").unwrap().as_deref(), Some("2026-W01"));
        let wrong = given(Refresh::IsoWeek, "2026-11-29").unwrap_err().to_string();
        assert!(wrong.starts_with("XTASK_BUCKET is `2026-11-29`") && wrong.contains("as in `20"), "{wrong}");
        let never = given(Refresh::Never, "2026-W01").unwrap_err().to_string();
        assert!(never.contains("unset it: by `refresh`"), "{never}");
        assert_eq!(bucket(Refresh::Never, None).unwrap(), None);
        assert!(bucket(Refresh::Day, None).unwrap().is_some());
    }

    #[test]
    fn captures_this_machine() {
        let host = capture(Refresh::IsoWeek).unwrap();
        assert!(host.cpus > 0 && host.memory_mib > 0);
    }
}
