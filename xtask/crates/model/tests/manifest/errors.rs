//! Every way in which a manifest can be wrong, and what is said about it.

use crate::fixture::{BACKEND, Fixture, SOURCES, VARIANTS};
use model::backend::Recipe;
use model::manifest::{self, Files};

/// One snapshot: the fixture with `from` replaced by `to` in one file.
macro_rules! wrong {
    ($($name:ident: $file:expr, $from:expr => $to:expr;)*) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(Fixture::new().replace($file, $from, $to).errors());
        }
    )*};
}

#[test]
fn the_fixture_itself_is_sound() {
    manifest::load(&Fixture::new().files).unwrap();
}

wrong! {
    unknown_key_near: BACKEND, "license: MIT" => "license: MIT\nlisence: MIT";
    unknown_key_far: BACKEND, "task: generate" => "task: generate\nzzz: 1";
    missing_key: BACKEND, "license: MIT\n" => "";
    missing_key_in_section: BACKEND, "  target: server\n" => "";
    wrong_type_list: BACKEND, "sources: [demo]" => "sources: demo";
    wrong_type_text: BACKEND, "name: alpha" => "name: [alpha]";
    wrong_type_mapping: BACKEND, "inputs:\n  include: [backend/cpp/alpha/**]" => "inputs: []";
    wrong_type_boolean: VARIANTS, "native: true" => "native: yes";
    wrong_type_integer: VARIANTS, "cuda: 12," => "cuda: 1200,";
    unknown_word: BACKEND, "task: generate" => "task: generaet";
    unknown_platform: BACKEND, "cpu: [linux/amd64]" => "cpu: [linux/amd46, windows/amd64]";
    option_twice: BACKEND, "options: { DEMO_FAST: \"ON\" }" => "options: { DEMO_FAST: \"ON\", DEMO_FAST: \"OFF\" }";
    bad_names_in_lists_and_keys: BACKEND, "sources: [demo]" => "sources: [Demo]\ntag-suffixes: { CPU: -alpha }";
    several_at_once: BACKEND, "task: generate" => "task: dance\nlisence: MIT\nsources: demo\nname: beta";
    duplicate_yaml_key: BACKEND, "license: MIT" => "license: MIT\nlicense: MIT";
    duplicate_row: BACKEND, "cpu: [linux/amd64]" => "cpu: [linux/amd64]\n  cpu: [linux/arm64]";
    unknown_variant: BACKEND, "cpu: [linux/amd64]" => "cpuu: [linux/amd64]";
    platform_not_of_variant: BACKEND, "cpu: [linux/amd64]" => "cuda-12: [linux/amd64, linux/arm64]";
    platform_twice: BACKEND, "cpu: [linux/amd64]" => "cpu: [linux/amd64, linux/amd64]";
    no_platforms: BACKEND, "cpu: [linux/amd64]" => "cpu: []";
    suffix_of_a_stranger: BACKEND, "cmake:" => "tag-suffixes: { cpuu: -alpha }\ncmake:";
    suffix_of_another_image: BACKEND, "cmake:" => "tag-suffixes: { cpu: -localai-alpha }\ncmake:";
    two_variants_under_one_suffix: BACKEND, "cpu: [linux/amd64]" => "cpu: [linux/amd64]\n  cuda-12: [linux/amd64]\ntag-suffixes: { cpu: -alpha, cuda-12: -alpha }";
    no_variants: BACKEND, "variants:\n  cpu: [linux/amd64]" => "variants: {}";
    unknown_source: BACKEND, "sources: [demo]" => "sources: [demo, dmo]";
    source_not_listed: BACKEND, "sources: [demo]" => "sources: []";
    source_without_variable: BACKEND, "  source-variable: DEMO_DIR\n" => "";
    variable_without_source: BACKEND, "  source: demo\n" => "";
    source_twice: BACKEND, "sources: [demo]" => "sources: [demo, demo]";
    name_is_not_the_directory: BACKEND, "name: alpha" => "name: alhpa";
    name_with_capitals: BACKEND, "name: alpha" => "name: Alpha";
    empty_description: BACKEND, "description: First" => "description:";
    no_inputs: BACKEND, "include: [backend/cpp/alpha/**]" => "include: []";
    bad_globs: BACKEND, "include: [backend/cpp/alpha/**]" => "include: ['a/[b', '/a', 'a/../b', 'a//b', 'a\\b', 'a}']";
    two_recipes: BACKEND, "cmake:" => "go:\n  package: .\ncmake:";
    no_flavors: BACKEND, "default-flavors: [native]" => "default-flavors: []";
    unknown_flavor: BACKEND, "default-flavors: [native]" => "default-flavors: [nativ]";
    bad_environment_name: BACKEND, "env: { HOME_DIR: here }" => "env: { HOME-DIR: here }";
    values_that_begin_like_options: BACKEND, "env: { HOME_DIR: here }" => "extra-libraries: [-Wl]\n  env: { CFLAGS: -O2 }";
    a_target_that_is_an_option: BACKEND, "target: server" => "target: --help";
    an_escaped_control_character: BACKEND, "description: First" => "description: \"Fir\\e[2Jst\"";
    letters_that_turn_others_around: BACKEND, "description: First" => "description: First\u{202e}tsal";
    libraries_elsewhere: BACKEND, "env: { HOME_DIR: here }" => "extra-libraries: [../libc.so.6, libm.so.6]\n  system-packages: [libc6-, g++]";
    no_schema_line: BACKEND, "# yaml-language-server: $schema=../../../docs/schemas/backend.schema.json\n" => "";
    wrong_schema_line: BACKEND, "../../../docs" => "../docs";
    anchor_and_alias: BACKEND, "include: [backend/cpp/alpha/**]" => "include: &all [backend/cpp/alpha/**]\n  exclude: *all";
    undefined_alias: BACKEND, "sources: [demo]" => "sources: *nothing";
    tab: BACKEND, "  target: server" => "\ttarget: server";
    unclosed_list: BACKEND, "sources: [demo]" => "sources: [demo";
    two_documents: BACKEND, "license: MIT" => "license: MIT\n---\nlicense: MIT";
    not_a_mapping: BACKEND, "name: alpha" => "- alpha\n";
    nul: BACKEND, "First" => "Fir\0st";

    a_source_that_nothing_reads: BACKEND, "  source: demo\n  source-variable: DEMO_DIR\n" => "";
    places: BACKEND, "variants:" => "place:\n  - { source: dmo, at: third_party/a }\n  - { source: demo, at: third_party/a/b }\n  - { source: demo, at: third_party/a }\nvariants:";
    places_outside: BACKEND, "variants:" => "place:\n  - { source: demo, at: ../demo }\n  - { source: demo, at: /srv }\n  - { source: demo, at: a/./../b }\nvariants:";
    packages_that_are_options: BACKEND, "variants:" => "build-packages:\n  apt: [-y, libc6-, 'g++', 'g++', 'a b']\n  brew: [Espeak]\nvariants:";

    short_checksum: SOURCES, "aaaaaaaa" => "aaaaaaa";
    missing_checksum: SOURCES, "          sha256: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n" => "";
    missing_tree: SOURCES, "    tree: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n" => "";
    bad_commit: SOURCES, "0c1e57098bba43ac29e6e3b677cdceebdd22334f" => "v1.0";
    no_kind_of_upstream: SOURCES, "      git:\n        url: https://host/demo\n        commit: 0c1e57098bba43ac29e6e3b677cdceebdd22334f" => "      {}";
    two_kinds_of_mirror: SOURCES, "      - pypi-sdist:" => "      - path: /srv/demo\n        pypi-sdist:";
    not_a_url: SOURCES, "https://host/demo" => "host/demo";
    unencrypted: SOURCES, "https://host/demo" => "http://host/demo";
    a_url_with_a_password: SOURCES, "https://host/demo" => "https://me:secret@host/demo";
    a_compiler_cache_with_a_password: VARIANTS, "refresh: iso-week" => "compiler-cache:\n  remote: redis://me:secret@cache\n  trusted: maybe\nrefresh: iso-week";
    a_compiler_cache_of_no_kind: VARIANTS, "refresh: iso-week" => "compiler-cache: { remote: https://cache }\nrefresh: iso-week";
    a_command_for_git: SOURCES, "https://host/demo" => "ext::sh -c date";
    submodules_of_an_archive: SOURCES, "    license: Zlib" => "    submodules: true\n    license: Zlib";
    patch_outside: SOURCES, "patches: [backend/demo.patch]" => "patches: [../demo.patch, /tmp/x, a/, '', --reverse]";
    no_license_files: SOURCES, "license-files: [COPYING]" => "license-files: []";
    subdir_outside: SOURCES, "subdir: vendor/demo" => "subdir: ../demo";

    bad_names_with_other_misfits: SOURCES, "  zlib:\n    version" => "  Zlib:\n    verzion";
    name_beside_the_row_s_own: SOURCES, "  zlib:\n" => "  zlib:\n    name: zlib\n";
    unknown_kind_of_mirror: SOURCES, "      - pypi-sdist:" => "      - pypi-sdits:";
    bad_digest_of_a_mirror: SOURCES, "sha256: bbbb" => "sha256: BBBB";
    unknown_base: VARIANTS, "base: cuda-12-amd64" => "base: cuda-12";
    base_of_another_platform: VARIANTS, "base: cuda-12-amd64" => "base: arm64";
    two_bases_for_one_unit: VARIANTS, "consumers:" => "consumers:\n  - { build-types: [vulkan, cpu], platform: linux/amd64, base: amd64 }";
    variant_without_a_base: VARIANTS, "  - { build-types: [cpu], platform: linux/arm64, base: arm64 }\n" => "";
    image_for_a_stranger: VARIANTS, "    cuda: \"12.8\"\n    platforms" => "    cuda: \"12.8\"\n    images: { arm64: { image: x, ubuntu: \"24.04\" } }\n    platforms";
    image_for_an_unknown_architecture: VARIANTS, "    cuda: \"12.8\"\n    platforms" => "    cuda: \"12.8\"\n    images: { arm46: { image: x, ubuntu: \"24.04\" } }\n    platforms";
    no_cuda_version: VARIANTS, "    build-type: cublas\n    cuda: \"12.8\"" => "    build-type: cublas";
    cuda_on_a_processor: VARIANTS, "    build-type: cpu\n" => "    build-type: cpu\n    cuda: \"12.8\"\n";
    bad_cuda_version: VARIANTS, "    build-type: cublas\n    cuda: \"12.8\"" => "    build-type: cublas\n    cuda: \"12\"";
    unknown_default: VARIANTS, "linux/arm64: cpu" => "linux/arm64: cppu";
    missing_default: VARIANTS, "  linux/arm64: cpu\n" => "";
    default_elsewhere: VARIANTS, "linux/arm64: cpu" => "linux/arm64: cuda-12";
    distribution_said_twice: VARIANTS, "ubuntu: \"24.04\"" => "ubuntu: \"24.04\"\n    distro: debian-12";
    distribution_not_said: VARIANTS, "    ubuntu: \"24.04\"\n" => "";
    unknown_distribution: VARIANTS, "ubuntu: \"24.04\"" => "distro: debian-14";
    unknown_grpc: VARIANTS, "ubuntu: \"24.04\"" => "distro: debian-12\n    grpc: newest";
    image_without_distribution: VARIANTS, "    cuda: \"12.8\"\n    platforms" => "    cuda: \"12.8\"\n    images: { amd64: { image: x } }\n    platforms";
    unknown_cadence: VARIANTS, "refresh: iso-week" => "refresh: iso-month";
    ubuntu_as_a_number: VARIANTS, "ubuntu: \"24.04\"" => "ubuntu: 24.4";
    empty_registry: VARIANTS, "backends: [registry/backends]" => "backends: []";
    base_on_a_mac: VARIANTS, "platform: linux/amd64\n    runner" => "platform: darwin/arm64\n    runner";
    root_images_under_one_name: VARIANTS, "    tag-suffix: -gpu-nvidia-cuda-12\n" => "";
    root_image_with_a_bad_suffix: VARIANTS, "tag-suffix: -gpu-nvidia-cuda-12" => "tag-suffix: gpu--nvidia";
    root_image_without_a_cuda_version: VARIANTS, "distro: ubuntu-24.04\n    toolkit: cublas\n    cuda: \"12.8\"\n" => "distro: ubuntu-24.04\n    toolkit: cublas\n";
    root_image_on_a_mac: VARIANTS, "core:\n    platforms: [linux/amd64, linux/arm64]" => "core:\n    platforms: [darwin/arm64, linux/amd64, linux/amd64]";
    root_image_of_an_unknown_distribution: VARIANTS, "distro: ubuntu-24.04" => "distro: ubuntu-24.40";
}

#[test]
fn a_kind_of_place_holds_texts_even_such_that_look_like_numbers() {
    let number = Fixture::new().replace(SOURCES, "          version: \"1.0\"", "          version: 1.10");
    let path = number.replace(SOURCES, "      - pypi-sdist:", "      - path: /srv/demo\n      - pypi-sdist:");
    let manifests = manifest::load(&path.files).unwrap();
    let mirrors = format!("{:?}", manifests.pins["demo"].mirrors);
    assert!(mirrors.starts_with("[Path { path: \"/srv/demo\" }, PypiSdist {"), "{mirrors}");
    assert!(mirrors.contains("version: \"1.10\""), "{mirrors}");
}

#[test]
fn no_recipe() {
    let (start, _) = include_str!("backend.yaml").split_once("cmake:").unwrap();
    insta::assert_snapshot!(Fixture::new().add(BACKEND, start).errors());
}

#[test]
fn duplicate_backend() {
    let twin = Fixture::new().text(BACKEND).to_owned();
    insta::assert_snapshot!(Fixture::new().add("backend/go/alpha/backend.yaml", &twin).errors());
}

#[test]
fn no_place_for_a_manifest() {
    insta::assert_snapshot!(Fixture::new().add("backend/cpp/backend.yaml", "name: x\n").errors());
}

#[test]
fn missing_files() {
    let files = Files::new();
    insta::assert_snapshot!(manifest::load(&files).unwrap_err().to_string());
}

#[test]
fn too_large() {
    let huge = "#\n".repeat(1 << 18);
    insta::assert_snapshot!(Fixture::new().add(BACKEND, &huge).errors());
}

#[test]
fn errors_in_one_file_do_not_hide_those_of_another() {
    let fixture = Fixture::new()
        .replace(BACKEND, "task: generate", "task: dance")
        .replace(SOURCES, "license-files: [COPYING]", "license-files: []")
        .replace(VARIANTS, "linux/arm64: cpu", "linux/arm64: cppu");
    insta::assert_snapshot!(fixture.errors());
}

#[test]
fn nested_aliases_do_not_explode() {
    let start = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    let bomb = (1..30).fold(start, |text, level| {
        let below = format!("*a{}", level - 1);
        text + &format!("a{level}: &a{level} [{below}, {below}, {below}, {below}, {below}]\n")
    });
    let errors = Fixture::new().add(BACKEND, &bomb).errors();
    assert!(errors.contains("unknown key `a29`"), "{errors}");
}

#[test]
fn long_line() {
    let long = format!("{}x: {}\n", Fixture::new().text(BACKEND), "y".repeat(5000));
    insta::assert_snapshot!(Fixture::new().add(BACKEND, &long).errors());
}

#[test]
fn nested_brackets() {
    let deep = format!("{}x: {}\n", Fixture::new().text(BACKEND), "[".repeat(40));
    insta::assert_snapshot!(Fixture::new().add(BACKEND, &deep).errors());
}

/// Shapes that parsers take quadratic time for: minutes without the limits.
#[test]
fn bad_shapes_cost_little() {
    let keys = (0..20_000).fold(String::new(), |text, key| text + &format!("k{key}: 1\n"));
    let stairs = (0..700).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "a:\n");
    let shapes = ["[".repeat(4000), "{a: ".repeat(1000), "- ".repeat(2000), "? ".repeat(2000), keys, stairs];
    for shape in shapes {
        assert!(manifest::load(&Fixture::new().add(BACKEND, &shape).files).is_err());
    }
}

/// A backend that its own script builds, with `from` replaced by `to`.
fn script(from: &str, to: &str) -> Fixture {
    let text = include_str!("script.yaml");
    assert!(text.contains(from), "no {from:?}");
    Fixture::new().add("backend/go/beta/backend.yaml", &text.replacen(from, to, 1))
}

#[test]
fn a_script_itself_is_sound() {
    manifest::load(&script("", "").files).unwrap();
}

#[test]
fn scripts_that_are_wrong() {
    let wrong = [
        ("[make, -C, backend/go/beta, build]", "[]"),
        ("[make, -C, backend/go/beta, build]", "[-C, make]"),
        ("[make, -C, backend/go/beta, build]", "make build"),
        ("[make, -C, backend/go/beta, build]", "[make, \"a\\e[2J\"]"),
        ("steps:\n    - [make, -C, backend/go/beta, build]", "steps: []"),
        ("${build-type}", "${build-typ}"),
        ("${build-type}", "${HOME}"),
        ("BUILD_TYPE", "BUILD-TYPE"),
        ("go-modules", "go-mods"),
        ("network: none", "network: lo"),
        ("output: backend/go/beta/package", "output: ../package"),
        ("start: run.sh", "start: /bin/sh"),
        ("script:", "go:\n  package: .\nscript:"),
    ];
    let told: Vec<String> =
        wrong.iter().map(|(from, to)| format!("{from} => {to}\n{}", script(from, to).errors())).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_script_in_a_directory_that_says_nothing() {
    let text = include_str!("script.yaml").replace("backend/go", "backend/zig");
    insta::assert_snapshot!(Fixture::new().add("backend/zig/beta/backend.yaml", &text).errors());
}

/// A Python backend, with `from` replaced by `to`.
fn python(from: &str, to: &str) -> Fixture {
    let text = include_str!("python.yaml");
    assert!(text.contains(from), "no {from:?}");
    Fixture::new().add("backend/python/beta/backend.yaml", &text.replacen(from, to, 1))
}

#[test]
fn variants_have_requirements_of_their_own_and_what_they_leave_out_is_common() {
    let loaded = manifest::load(&python("", "").files).unwrap();
    let Recipe::Python(python) = &loaded.backends["beta"].recipe else { panic!("another recipe") };
    let of = |variant: &str| python.requirements(&variant.parse().unwrap()).clone();
    assert_eq!(of("cpu").files.len(), 2);
    assert_eq!((of("cuda-12").files[1].as_str(), of("cuda-12").build), ("requirements-cublas12.txt", true));
    assert!(!of("cpu").build && of("cpu").extra_indexes.is_empty());
}

#[test]
fn python_backends_that_are_wrong() {
    let wrong = [
        ("src/server.py", "src/server"),
        ("src/server.py", "../server.py"),
        ("src/server.py", "src/my-server.py"),
        ("packages: [backend/python/common]", "packages: [backend/python/common, backend/common]"),
        ("requirements: [requirements.txt, requirements-cpu.txt]", "requirements: []"),
        ("requirements.txt, requirements-cublas12.txt", "requirements.txt, requirements.txt"),
        ("    cuda-12:\n", "    cuda-13:\n"),
        ("https://example.org/simple", "https://me:secret@example.org/simple"),
        ("unsafe-best-match", "best"),
        ("prerelease: allow", "prerelease: yes"),
        ("    build: true", "    builds: true"),
        ("undated: [\"*\"]", "lock: cuda.toml"),
        ("build: true", "build: false"),
        ("git: true", "git: false"),
        ("six<2", "-r other.txt"),
        ("${backend}", "${backends}"),
        ("[patch, -p1, -i, \"${backend}/fix.patch\"]", "[]"),
    ];
    let told: Vec<String> =
        wrong.iter().map(|(from, to)| format!("{from} => {to}\n{}", python(from, to).errors())).collect();
    insta::assert_snapshot!(told.join("\n"));
}

const ENGINE: &str = "go:
  package: .
  stubs: pkg/grpc/proto
  engine:
    project: backend/go/beta/sources/demo
    options: { ARCH: '${arch}' }
    build-types: { cublas: { CUDA: 'ON' } }
    flavors: { avx2: { AVX2: 'ON' }, fallback: {} }
    libraries: { BETA_LIBRARY: src/libbeta.so }
";

/// A Go backend with an engine, with `from` replaced by `to`.
fn engine(from: &str, to: &str) -> Fixture {
    let (head, _) = include_str!("script.yaml").split_once("script:").unwrap();
    assert!(ENGINE.contains(from), "no {from:?}");
    Fixture::new().add("backend/go/beta/backend.yaml", &format!("{head}{}", ENGINE.replacen(from, to, 1)))
}

#[test]
fn engines_that_are_wrong() {
    manifest::load(&engine("", "").files).unwrap();
    let wrong = [
        ("${arch}", "${arc}"),
        ("cublas", "cuda"),
        ("avx2: {", "native: {"),
        (", fallback: {}", ""),
        ("build-types: { cublas", "by-variant: { cpuu"),
        ("libraries:", "beside: ['libb*']\n    libraries:"),
        ("{ BETA_LIBRARY: src/libbeta.so }", "{}"),
        ("BETA_LIBRARY", "BETA-LIBRARY"),
        ("src/libbeta.so", "/lib/libbeta.so"),
        ("stubs: pkg/grpc/proto", "stubs: ../proto"),
    ];
    let told: Vec<String> =
        wrong.iter().map(|(from, to)| format!("{from} => {to}\n{}", engine(from, to).errors())).collect();
    insta::assert_snapshot!(told.join("\n"));
}
