//! Vulkan: headers, loader and shader compiler.

use crate::cmd::Cmd;
use crate::toolchain::action::Install;
use model::arg::{Arg, Place};
use model::name::Label;
use model::platform::Arch;
use model::source::Pin;

/// Where Debian 12 keeps the newer headers that ggml needs, apart from its own.
pub(in crate::toolchain) const HEADERS: &str = "/opt/vulkan-headers";

/// Loader, compiler and a driver that needs no GPU, from the distribution.
pub(in crate::toolchain) const DEBIAN: &[&str] =
    &["glslc", "libvulkan-dev", "mesa-vulkan-drivers", "spirv-headers", "vulkan-tools"];

/// Loader and drivers, from the distribution: lavapipe, which needs no GPU, among them.
pub(in crate::toolchain) const RUNTIME: &[&str] = &["libvulkan1", "mesa-vulkan-drivers"];

/// What the SDK's own build script needs, and a driver that needs no GPU.
pub(in crate::toolchain) const SDK_TOOLS: &[&str] = &[
    "bison",
    "clang-format",
    "cmake",
    "g++",
    "gcc",
    "git",
    "libdrm2",
    "libglm-dev",
    "liblz4-dev",
    "libpciaccess0",
    "libpng-dev",
    "libwayland-dev",
    "libx11-dev",
    "libx11-xcb-dev",
    "libxcb-dri3-0",
    "libxcb-dri3-dev",
    "libxcb-ewmh-dev",
    "libxcb-glx0-dev",
    "libxcb-keysyms1-dev",
    "libxcb-present0",
    "libxcb-randr0-dev",
    "libxml2-dev",
    "libxrandr-dev",
    "libzstd-dev",
    "mesa-vulkan-drivers",
    "ninja-build",
    "ocaml-core",
    "pkg-config",
    "python-is-python3",
    "python3-jsonschema",
    "wayland-protocols",
    "xz-utils",
];

/// LunarG's SDK, compiled by its own script from the sources that the archive carries, for either architecture. The
/// script writes into its tree: it works in a copy.
pub(in crate::toolchain) fn sdk(arch: Arch, pin: &Pin, build: Label) -> Vec<Install> {
    let build = Arg::place(Place::Build(build));
    let source = Arg::place(Place::Source(pin.name.clone())).then("/.");
    let into = |part: &str, to: &str| {
        Cmd::root("cp").arg("-a").arg(build.clone().then(format!("/{}/{part}/.", arch.machine()))).arg(to)
    };
    [
        Cmd::root("cp").args(["-RP", "--preserve=mode,timestamps"]).arg(source).arg(build.clone()),
        Cmd::root("./vulkansdk").within(build.clone()).args(["--no-deps", "--maxjobs"]).args([
            "vulkan-loader",
            "vulkan-validationlayers",
            "vulkan-extensionlayer",
            "vulkan-tools",
            "shaderc",
        ]),
        into("bin", "/usr/bin"),
        into("lib", &format!("/usr/lib/{}-linux-gnu", arch.machine())),
        into("include", "/usr/include"),
        into("share", "/usr/share"),
        Cmd::root("ldconfig"),
    ]
    .map(Install::from)
    .into()
}

/// Debian 13's headers, unpacked beside Debian 12's: nothing of the newer release is installed. The newer release is
/// found where the machine's own source lists point, and verified by the machine's own keyring.
pub(in crate::toolchain) fn newer_headers() -> Vec<Install> {
    let work = format!("{HEADERS}/apt");
    let apt = |verb: &str| {
        Cmd::root("apt-get")
            .within(format!("{work}/debs"))
            .args(["-o", "Dir::Etc::sourcelist=/dev/null"])
            .arg("-o")
            .arg(format!("Dir::Etc::sourceparts={work}/sources"))
            .arg("-o")
            .arg(format!("Dir::State::lists={work}/lists"))
            .arg("-o")
            .arg(format!("Dir::Cache={work}/cache"))
            .args([
                "-o",
                "APT::Sandbox::User=root",
                "-o",
                "Acquire::Retries=3",
                "-o",
                "Acquire::Languages=none",
                "-o",
                "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
                verb,
            ])
    };
    let dirs =
        ["sources", "lists/partial", "cache/archives/partial", "debs"].map(|dir| format!("{work}/{dir}"));
    let own_lists = [
        "/etc/apt",
        "-type",
        "f",
        "(",
        "-path",
        "/etc/apt/sources.list",
        "-o",
        "-path",
        "/etc/apt/sources.list.d/debian.sources",
        ")",
    ];
    let cmds = [
        Cmd::root("rm").args(["-rf", &work]),
        Cmd::root("mkdir").arg("-p").args(dirs),
        Cmd::root("find").args(own_lists).args(["-exec", "cp", "-t", &format!("{work}/sources"), "{}", "+"]),
        Cmd::root("find").arg(format!("{work}/sources")).args(["-type", "f", "-exec", "sed", "-i"]).args([
            "s/bookworm/trixie/g",
            "{}",
            "+",
        ]),
        // apt reads a one-line list from this directory only under this suffix.
        Cmd::root("find")
            .arg(format!("{work}/sources"))
            .args(["-name", "sources.list", "-execdir", "mv", "{}"])
            .args(["debian.list", ";"]),
        apt("update"),
        apt("download").args(["libvulkan-dev", "spirv-headers"]),
        Cmd::root("find")
            .arg(format!("{work}/debs"))
            .args(["-name", "*.deb", "-exec", "dpkg-deb", "-x", "{}"])
            .args([HEADERS, ";"]),
        Cmd::root("rm").args(["-rf", &work]),
    ];
    cmds.map(Install::from).into()
}
