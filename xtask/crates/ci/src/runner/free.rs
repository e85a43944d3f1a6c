//! What hosted runners have installed and no build here needs.

use super::{Runner, Verdict};
use plan::cmd::Cmd;

/// Directories, the largest first.
pub const DIRECTORIES: [&str; 18] = [
    "/opt/hostedtoolcache",
    "/usr/local/lib/android",
    "/usr/share/dotnet",
    "/usr/share/swift",
    "/usr/local/.ghcup",
    "/opt/ghc",
    "/usr/local/share/powershell",
    "/usr/local/share/chromium",
    "/usr/local/share/boost",
    "/usr/local/share/vcpkg",
    "/usr/local/lib/node_modules",
    "/usr/local/julia",
    "/usr/share/miniconda",
    "/opt/microsoft",
    "/opt/google",
    "/opt/az",
    "/usr/lib/jvm",
    "/usr/lib/google-cloud-sdk",
];

/// Beginnings of the names of packages.
const PACKAGES: [&str; 20] = [
    "aspnetcore-",
    "azure-cli",
    "dotnet-",
    "firefox",
    "gfortran",
    "ghc",
    "google-",
    "hhvm",
    "libllvm",
    "llvm",
    "microsoft-edge",
    "mongodb-",
    "mono-",
    "mssql-",
    "mysql-",
    "openjdk-",
    "php",
    "postgresql",
    "powershell",
    "r-base-core",
];

/// The installed packages that go, of the names that `dpkg-query --show` prints, one a line.
pub fn removable(installed: &str) -> Vec<&str> {
    let wanted = |name: &&str| PACKAGES.iter().any(|beginning| name.starts_with(beginning));
    installed.lines().map(str::trim).filter(wanted).collect()
}

/// Removes the directories of [`DIRECTORIES`] that are there, and these packages; with docker, its images as well.
pub fn free(runner: &Runner, directories: &[&str], packages: &[&str], docker: bool) -> Verdict {
    if let Some(objection) = runner.objection() {
        return Verdict::Leave(objection);
    }
    let mut cmds: Vec<Cmd> =
        directories.iter().map(|dir| Cmd::root("rm").args(["-rf", "--one-file-system", "--", dir])).collect();
    if docker {
        cmds.push(Cmd::user("docker").args(["image", "prune", "--all", "--force"]));
    }
    if !packages.is_empty() {
        let purge = Cmd::root("apt-get").args(["purge", "--yes", "--auto-remove", "--"]);
        cmds.push(purge.args(packages.iter().copied()).env("DEBIAN_FRONTEND", "noninteractive"));
    }
    cmds.push(Cmd::root("swapoff").arg("--all"));
    cmds.push(Cmd::root("rm").args(["-f", "--", "/mnt/swapfile", "/swapfile"]));
    Verdict::Run(cmds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runner::hosted;
    use plan::shell::{Directories, line};

    #[test]
    fn a_machine_that_is_somebody_s_is_left_alone() {
        for runner in [Runner::default(), Runner { environment: Some("self-hosted".to_owned()), ..hosted() }]
        {
            assert!(matches!(free(&runner, &DIRECTORIES, &["llvm-18"], true), Verdict::Leave(_)));
        }
    }

    #[test]
    fn removes_what_is_there() {
        let Verdict::Run(cmds) = free(&hosted(), &["/opt/ghc"], &["llvm-18", "php8.3"], false) else {
            panic!()
        };
        let lines: Vec<String> = cmds.iter().map(|cmd| line(cmd, &Directories::default())).collect();
        assert_eq!(
            lines,
            [
                "rm -rf --one-file-system -- /opt/ghc",
                "DEBIAN_FRONTEND=noninteractive apt-get purge --yes --auto-remove -- llvm-18 php8.3",
                "swapoff --all",
                "rm -f -- /mnt/swapfile /swapfile",
            ]
        );
    }

    #[test]
    fn what_builds_need_stays() {
        let installed = "llvm-18\ngit\ndocker-ce\nlibc6-dev\ngcc\n dotnet-sdk-8.0 \nmysql-server\ncurl\n";
        assert_eq!(removable(installed), ["llvm-18", "dotnet-sdk-8.0", "mysql-server"]);
        // Only what lies below a directory of programs, and never that directory itself.
        for dir in DIRECTORIES {
            assert!(dir.starts_with('/') && dir.split('/').count() >= 3 && !dir.contains(".."), "{dir}");
        }
    }
}
