//! C++ servers that CMake builds from their own directory, with a tree that lies in it.

use super::configured::{Called, Made};
use super::engine::{self, Engine};
use super::native::{copies, starts};
use super::tree::Tree;
use camino::Utf8Path;

/// How CMake builds a backend whose Makefile is called for these; why its family's recipe does not.
pub(super) fn prove(tree: &Tree<'_>, dir: &Utf8Path, calls: &[Called]) -> Result<Engine, &'static str> {
    let text = |file: &str| tree.text(&dir.join(file));
    let own = text("Makefile").ok_or("it has no Makefile")?;
    let server = engine::prove(&own, dir, calls, Made::Program)?;
    if server.project != dir || !server.flavors.is_empty() || !server.beside.is_empty() {
        return Err("its project is not its own directory, or has libraries beside");
    }
    let name = server.product.rsplit('/').next().unwrap_or_default();
    if !text("package.sh").is_some_and(|text| copies(&text, name, Some(&server))) {
        return Err("its package.sh copies more than what is built");
    }
    match text("run.sh").and_then(|text| starts(&text, name, true)).as_deref() {
        Some([]) => Ok(server),
        _ => Err("its run.sh does more than to start the program"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use camino::Utf8PathBuf;
    use model::build_type::BuildType;
    use std::collections::BTreeMap;

    const MAKEFILE: &str = "HERE := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))\nCMAKE_ARGS ?= -DA=1\nifeq ($(BUILD_TYPE),vulkan)\n\tCMAKE_ARGS += -DV=ON\nendif\ntree.cpp:\n\tmkdir -p tree.cpp\n\tcd tree.cpp && git init -q\nserver: tree.cpp\n\tmkdir -p out\n\tcd out && cmake $(CMAKE_ARGS) $(HERE) && cmake --build . -j2\n\tcp out/bin/server server\npackage: server\n\tbash package.sh\n";

    fn proven(file: &str, text: &str) -> Result<Engine, &'static str> {
        let mut files = BTreeMap::from([
            ("Makefile", MAKEFILE),
            (
                "package.sh",
                "cp -a $D/server $D/p/\nldd \"$D/server\" | awk '{print $3}' | sort -u | \\\nwhile read -r so; do\n [ -f \"$so\" ] && cp -L \"$so\" $D/p/lib/\ndone\n",
            ),
            ("run.sh", "export LD_LIBRARY_PATH=x\nexec \"$D/server\" \"$@\"\n"),
        ]);
        files.insert(file, text);
        let read = |path: &Utf8Path| files.get(path.file_name()?).map(|text| (*text).to_owned());
        let tree = Tree {
            files: files.keys().map(|file| Utf8PathBuf::from(format!("backend/cpp/a/{file}"))).collect(),
            submodules: BTreeMap::new(),
            read: &read,
        };
        let called = |variant: &str, build_type| Called {
            variant: variant.parse().unwrap(),
            platform: "linux/amd64".parse().unwrap(),
            build_type,
            cuda: None,
        };
        let calls = [called("cpu", BuildType::Cpu), called("vulkan", BuildType::Vulkan)];
        prove(&tree, Utf8Path::new("backend/cpp/a"), &calls)
    }

    #[test]
    fn a_server_of_its_own_directory_is_proven_and_what_else_its_makefile_runs_is_not() {
        let server = proven("main.cpp", "").unwrap();
        assert_eq!((server.project.as_str(), server.product.as_str()), ("backend/cpp/a", "bin/server"));
        assert_eq!(server.build_types[&BuildType::Vulkan]["V"], "ON");
        let refused = |from: &str, to: &str| proven("Makefile", &MAKEFILE.replace(from, to)).unwrap_err();
        assert!(refused("bash package.sh", "make objects").contains("runs more"));
        assert!(refused("$(HERE) &&", "../tree.cpp &&").contains("own directory"));
        assert!(refused("cmake --build . -j2", "ninja").contains("runs more"));
        assert!(proven("package.sh", "cp -r $D/assets $D/p/\n").unwrap_err().contains("package.sh"));
        assert!(proven("run.sh", "export A=1\nexec $D/server\n").unwrap_err().contains("run.sh"));
    }
}
