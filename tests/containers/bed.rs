//! The test bed itself: what the other tests stand on.

use crate::checkout::temporary;
use crate::testbed::{Builder, Registry};
use camino::Utf8Path;

/// Builds a Dockerfile and pushes it.
#[track_caller]
fn build(builder: &Builder, context: &Utf8Path, dockerfile: &str, name: &str) -> String {
    fs_err::write(context.join("Dockerfile"), dockerfile).unwrap();
    let output = format!("type=image,\"name={name}\",push=true");
    let args = ["buildx", "build", "--progress=plain", "--provenance=false", "--output", &output];
    let args: Vec<&str> = args.into_iter().chain([context.as_str()]).collect();
    builder.docker(&args).expect(0).err
}

#[test]
fn a_fresh_builder_builds_on_the_distribution_and_pushes() {
    let registry = Registry::start();
    let (_dir, context) = temporary();
    let name = registry.repository("some/image:one");
    let dockerfile =
        "FROM debian:bookworm-slim\nRUN . /etc/os-release && echo \"this is $VERSION_CODENAME\"\n";
    let said = build(&Builder::fresh(), &context, dockerfile, &name);
    assert!(said.contains("this is bookworm"), "{said}");
    assert!(registry.tags("some/image").contains("one"));
    let shown = Builder::fresh().docker(&["buildx", "imagetools", "inspect", &name]).expect(0).out;
    assert!(shown.contains("sha256:"), "{shown}");
}

#[test]
fn a_registry_is_copied_and_restarted() {
    let mut registry = Registry::start();
    let (_dir, context) = temporary();
    fs_err::write(context.join("file"), "content").unwrap();
    let builder = Builder::fresh();
    let dockerfile = "FROM scratch\nCOPY file /\n";
    build(&builder, &context, dockerfile, &registry.repository("x:a"));
    let before = registry.snapshot();
    let copy = Registry::like(&registry);
    assert_eq!(copy.snapshot(), before);
    build(&builder, &context, "FROM scratch\nCOPY file /other\n", &copy.repository("x:a"));
    assert_eq!(registry.snapshot(), before, "what a copy is told does not reach the original");
    assert_ne!(copy.snapshot(), before);
    registry.stop();
    let gone = builder.docker(&["buildx", "imagetools", "inspect", &registry.repository("x:a")]);
    assert_ne!(gone.code(), 0);
    registry.restart();
    builder.docker(&["buildx", "imagetools", "inspect", &registry.repository("x:a")]).expect(0);
}
