//! Packages of real programs run in an empty root.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::process::Command;

use camino::Utf8Path;
use common::{Bench, in_root, stdout};
use pack::{Binary, Data, EnvHow, EnvRule, Manifest, check, pack};

#[test]
fn a_program_runs_in_an_empty_root() {
    let bench = Bench::new();
    let mut spec = bench.greeting();
    spec.env = vec![EnvRule {
        name: "LIB".into(),
        value: "{package}/lib".into(),
        how: EnvHow::Default,
        if_exists: None,
        processor: None,
    }];
    let manifest = pack(&spec, &bench.package()).unwrap();
    let output = in_root(&bench.package(), "/run", &["--addr", "x y"], &[]);
    assert_eq!(stdout(&output), "greet 7 x y /lib\n");
    let theirs = in_root(&bench.package(), "/run", &[], &[("LIB", "theirs")]);
    assert_eq!(stdout(&theirs), "greet 7 - theirs\n");

    let libraries: Vec<_> =
        manifest.components.values().flat_map(|component| component.libraries.clone()).collect();
    for name in ["libc.so.6", "libm.so.6", "libgreet.so.1", "ld-linux-x86-64.so.2"] {
        assert!(libraries.iter().any(|library| library == name), "{name} in {libraries:?}");
    }
    assert_eq!(Manifest::read(&bench.package()).unwrap(), manifest);
    assert_eq!(manifest.calls, ["Bow", "Greet"]);
    assert_eq!(stdout(&in_root(&bench.package(), "/run.sh", &[], &[])), "greet 7 - /lib\n");
    assert_eq!(check(&bench.package()).unwrap(), []);
}

#[test]
fn a_package_starts_from_anywhere_by_either_name() {
    let bench = Bench::new();
    pack(&bench.greeting(), &bench.dir.join("in a dir/package")).unwrap();
    // Links to it, from wherever: what is beside them is not the package.
    std::os::unix::fs::symlink("in a dir/package/run.sh", bench.dir.join("greet")).unwrap();
    std::os::unix::fs::symlink("../greet", bench.dir.join("in a dir/again")).unwrap();
    for (program, dir) in [
        ("./run", "in a dir/package"),
        ("./run.sh", "in a dir/package"),
        ("package/run.sh", "in a dir"),
        ("../run", "in a dir/package/lib"),
        ("./greet", ""),
        ("./again", "in a dir"),
    ] {
        let dir = bench.dir.join(dir);
        // LocalAI names it by its last part alone.
        let output = Command::new(dir.join(program)).arg0("run.sh").current_dir(&dir).output().unwrap();
        assert_eq!(stdout(&output), "greet 7 - -\n");
    }
}

#[test]
fn where_it_was_built_does_not_change_the_bytes() {
    let (one, two) = (Bench::new(), Bench::new());
    let longer = two.dir.join("a/longer/path/than/the/first");
    for (bench, out) in [(&one, one.package()), (&two, longer.clone())] {
        pack(&bench.greeting(), &out).unwrap();
        let server = std::fs::read(out.join("server")).unwrap();
        let path = bench.dir.as_str().as_bytes();
        assert!(
            !server.windows(path.len()).any(|window| window == path),
            "the build directory is in the binary"
        );
    }
    let manifest = |package: &Utf8Path| std::fs::read_to_string(package.join("package.json")).unwrap();
    let (one, two) = (manifest(&one.package()), manifest(&longer));
    assert_eq!(one, two);
}

#[test]
fn modes_do_not_depend_on_the_sources() {
    let bench = Bench::new();
    let mut spec = bench.greeting();
    let data = bench.write("data/deep/table.txt", "1");
    bench.write("data/tool", "2");
    std::fs::set_permissions(&data, PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::set_permissions(bench.dir.join("data/tool"), PermissionsExt::from_mode(0o4777)).unwrap();
    std::fs::set_permissions(bench.dir.join("data/deep"), PermissionsExt::from_mode(0o777)).unwrap();
    spec.data = vec![Data { from: bench.dir.join("data"), to: "share".into() }];
    pack(&spec, &bench.package()).unwrap();
    let mode =
        |file: &str| std::fs::metadata(bench.package().join(file)).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode("share/deep/table.txt"), 0o644);
    assert_eq!(mode("share/tool"), 0o755);
    assert_eq!(mode("share/deep"), 0o755);
    assert_eq!(mode("run"), 0o755);
    assert_eq!(mode(""), 0o755);
}

#[test]
fn a_library_opened_by_name_is_packed_and_found() {
    let bench = Bench::new();
    bench.write("LICENSE", "Do as you like.\n");
    let plug = bench.gcc(
        "build-libplug-one.so",
        "int answer(void) { return 42; }",
        &["-shared", "-fPIC", "-Wl,-soname,libplug.so.0"],
    );
    std::fs::rename(&plug, bench.dir.join("libplug-one.so")).unwrap();
    let host = bench.gcc(
        "host",
        "#include <dlfcn.h>\n#include <stdio.h>\n#include <stdlib.h>\nint main(void) { char p[999];\n\
         snprintf(p, 999, \"%s/libplug-one.so\", getenv(\"PLUGS\"));\n\
         void *d = dlopen(p, RTLD_NOW), *g = dlopen(\"libgomp.so.1\", RTLD_NOW);\n\
         if (!d || !g) { puts(dlerror()); return 1; }\n\
         printf(\"%d\\n\", ((int (*)(void))dlsym(d, \"answer\"))()); return 0; }",
        &[],
    );
    let mut spec = bench.spec(vec![Binary::new("host", host)]);
    bench.gcc(
        "libcore.so.0.1",
        "int core(void) { return 1; }",
        &["-shared", "-fPIC", "-Wl,-soname,libplug-core.so.0"],
    );
    std::fs::rename(bench.dir.join("libcore.so.0.1"), bench.dir.join("libplug-core.so.0.1")).unwrap();
    std::os::unix::fs::symlink("libplug-core.so.0.1", bench.dir.join("libplug-core.so.0")).unwrap();
    std::os::unix::fs::symlink("libplug-core.so.0", bench.dir.join("libplug-core.so")).unwrap();
    let names = ["libplug-one.so", "libplug-core.so", "libplug-core.so.0", "libplug-core.so.0.1"];
    // Half of them by name, half by the directory that holds them.
    std::fs::create_dir(bench.dir.join("tree")).unwrap();
    for name in &names[1..] {
        std::fs::rename(bench.dir.join(name), bench.dir.join("tree").join(name)).unwrap();
    }
    spec.libraries = vec![bench.dir.join(names[0])];
    spec.library_tree = Some(bench.dir.join("tree"));
    spec.extra_libraries = vec!["libgomp.so.1".into()];
    spec.env = vec![EnvRule {
        name: "PLUGS".into(),
        value: "{package}/lib".into(),
        how: EnvHow::Set,
        if_exists: None,
        processor: None,
    }];
    pack(&spec, &bench.package()).unwrap();
    assert_eq!(stdout(&in_root(&bench.package(), "/run", &[], &[])), "42\n");
    assert!(bench.package().join("licenses/libgomp1/copyright").is_file());
    let link = |name: &str| std::fs::read_link(bench.package().join("lib").join(name)).ok();
    assert_eq!(link("libplug-core.so.0"), None);
    for alias in ["libplug-core.so", "libplug-core.so.0.1"] {
        assert_eq!(link(alias).unwrap().to_str(), Some("libplug-core.so.0"));
    }
    assert_eq!(link("libplug.so.0").unwrap().to_str(), Some("libplug-one.so"));
}

#[test]
fn a_tree_keeps_its_own_libraries_and_gets_the_others() {
    let bench = Bench::new();
    bench.write("LICENSE", "Do as you like.\n");
    for dir in ["tree/bin", "tree/ext", "tree/ext.libs"] {
        std::fs::create_dir_all(bench.dir.join(dir)).unwrap();
    }
    bench.gcc(
        "tree/ext.libs/libinner.so",
        "int inner(void) { return 3; }",
        &["-shared", "-fPIC", "-Wl,-soname,libinner.so"],
    );
    bench.gcc(
        "tree/ext/mod.so",
        "#include <math.h>\nint inner(void);\nint mod(int n) { return inner() + (int)sqrt((double)n); }",
        &["-shared", "-fPIC", "tree/ext.libs/libinner.so", "-Wl,-rpath,$ORIGIN/../ext.libs:/opt/none", "-lm"],
    );
    bench.gcc(
        "tree/bin/main1",
        "#include <dlfcn.h>\n#include <stdio.h>\nint main(int n, char **v) {\n\
         void *d = dlopen(v[1], RTLD_NOW); if (!d) { puts(dlerror()); return 1; }\n\
         printf(\"%d\\n\", ((int (*)(int))dlsym(d, \"mod\"))(16)); return 0; }",
        &[],
    );
    for file in ["bin/main1.c", "ext/mod.so.c", "ext.libs/libinner.so.c"] {
        std::fs::remove_file(bench.dir.join("tree").join(file)).unwrap();
    }
    std::os::unix::fs::symlink(bench.dir.join("tree/bin/main1"), bench.dir.join("tree/bin/main")).unwrap();
    // The tree brings the program; naming it again is no collision.
    let mut main = Binary::new("app/bin/main", bench.dir.join("tree/bin/main"));
    main.args = vec!["{package}/app/ext/mod.so".into()];
    let mut spec = bench.spec(vec![main]);
    // The tree is named by a link; one of its own links names it by its path.
    std::os::unix::fs::symlink("tree", bench.dir.join("alias")).unwrap();
    spec.data = vec![Data { from: bench.dir.join("alias"), to: "app".into() }];
    pack(&spec, &bench.package()).unwrap();
    assert_eq!(stdout(&in_root(&bench.package(), "/run", &[], &[])), "7\n");
    spec.binaries[0].from = None;
    let manifest = pack(&spec, &bench.package()).unwrap();
    assert_eq!(manifest, Manifest::read(&bench.package()).unwrap());
    let link = std::fs::read_link(bench.package().join("app/bin/main")).unwrap();
    assert_eq!(link.to_str().unwrap(), "../../app/bin/main1");
    assert!(bench.package().join("lib/libm.so.6").is_file());
    assert!(!bench.package().join("lib/libinner.so").exists());
}

#[test]
fn a_static_program_needs_no_library() {
    let bench = Bench::new();
    bench.write("LICENSE", "Do as you like.\n");
    bench.write("links/none", "");
    let server = bench.gcc(
        "server",
        "#include <stdio.h>\nint main(void) { puts(\"static\"); return 0; }",
        &["-static", &format!("-Wl,--dependency-file={}", bench.dir.join("links/server.link.d"))],
    );
    let mut spec = bench.spec(vec![Binary::new("server", server)]);
    spec.links = Some(bench.dir.join("links"));
    let manifest = pack(&spec, &bench.package()).unwrap();
    assert!(!bench.package().join("lib").exists());
    // What the linker took, nobody listed.
    assert!(bench.package().join("licenses/libc6-dev/copyright").is_file());
    assert!(manifest.components.contains_key("libc6-dev"), "{:?}", manifest.components.keys());
    assert_eq!(stdout(&in_root(&bench.package(), "/run", &[], &[])), "static\n");
}

#[test]
fn a_failed_package_leaves_the_previous_one() {
    let bench = Bench::new();
    let mut spec = bench.greeting();
    pack(&spec, &bench.package()).unwrap();
    let before = std::fs::read(bench.package().join("package.json")).unwrap();
    spec.extra_libraries = vec!["libnone.so.7".into()];
    pack(&spec, &bench.package()).unwrap_err();
    assert_eq!(std::fs::read(bench.package().join("package.json")).unwrap(), before);
    let left: Vec<_> =
        std::fs::read_dir(&bench.dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_str().unwrap().starts_with('.')), "{left:?}");
}

#[test]
fn the_launcher_prefers_by_environment_and_says_what_fails() {
    let bench = Bench::new();
    bench.write("LICENSE", "Do as you like.\n");
    let binary = |name: &str| {
        let source = format!("#include <stdio.h>\nint main(void) {{ puts(\"{name}\"); return 3; }}");
        Binary::new(name, bench.gcc(name, &source, &[]))
    };
    let mut spec = bench.spec(vec![binary("x-grpc"), binary("x-cpu-all"), binary("x-worker")]);
    spec.binaries[0].if_env = Some("SERVERS".into());
    spec.binaries[2].start = false;
    pack(&spec, &bench.package()).unwrap();
    let run = |env: &[(&str, &str)]| {
        let output = in_root(&bench.package(), "/run", &[], env);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
        )
    };
    assert_eq!(run(&[]), (Some(3), "x-cpu-all\n".into()));
    assert_eq!(run(&[("SERVERS", "host:1")]), (Some(3), "x-grpc\n".into()));
    std::fs::remove_file(bench.package().join("x-cpu-all")).unwrap();
    let (code, text) = run(&[]);
    assert_eq!(code, Some(127));
    assert!(text.contains("/x-cpu-all is missing") && text.contains("x-grpc needs SERVERS"), "{text}");
    std::fs::remove_file(bench.package().join("lib/ld.so")).unwrap();
    let (code, text) = run(&[("SERVERS", "host:1")]);
    assert_eq!(code, Some(126));
    assert!(text.contains("cannot start /lib/ld.so"), "{text}");
    std::fs::write(bench.package().join("launch"), "launch\t1\nnone\n").unwrap();
    let (code, text) = run(&[]);
    assert_eq!(code, Some(127));
    assert!(text.contains("/launch: line 2: expected one of"), "{text}");
    std::fs::remove_file(bench.package().join("launch")).unwrap();
    assert!(run(&[]).1.contains("no launch description"));
}

#[test]
fn a_bare_name_without_proc_is_refused_with_advice() {
    let bench = Bench::new();
    pack(&bench.greeting(), &bench.package()).unwrap();
    let output = in_root(&bench.package(), "run", &[], &[("PATH", "/")]);
    assert_eq!(output.status.code(), Some(127));
    assert!(String::from_utf8_lossy(&output.stderr).contains("start it by its path"), "{output:?}");
}
