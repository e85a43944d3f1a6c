//! Registries that refuse, or break in the middle: what is only a cache costs no build, what is the result does.

use crate::checkout::listing;
use crate::child::tell;
use crate::faults::{Asked, Fate, Proxy};
use crate::prepared::{Prepared, image_tag};
use crate::runner::{BACKENDS, CACHE, Runner};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Whether a request is about what machines share.
fn of_cache(asked: &Asked) -> bool {
    asked.path.starts_with(&format!("/v2/{CACHE}/"))
}

/// Whether a request brings something.
fn writes(asked: &Asked) -> bool {
    matches!(asked.method.as_str(), "POST" | "PUT" | "PATCH")
}

#[test]
fn a_cache_that_refuses_costs_no_build() {
    for status in [500, 429] {
        let registry = Prepared::registry();
        let rule = move |asked: &Asked| {
            if of_cache(asked) {
                Fate::answer(status, "not now").with("Retry-After", "0")
            } else {
                Fate::Pass
            }
        };
        let proxy = Proxy::before(registry.address(), rule);
        let mut runner = Runner::tiny(&registry);
        runner.through(&proxy.address());
        let built =
            runner.build(&[]).expect(0).says("warning: ").says(&status.to_string()).says("built tiny");
        tell(built.line("warning: "));
        assert_eq!(listing(&runner.package()), Prepared::get().package);
    }
}

#[test]
fn a_cache_that_breaks_while_it_is_written_costs_no_build() {
    let registry = Prepared::registry_without_image();
    let rule = |asked: &Asked| {
        let cache = ["cache-", "ccache-"].iter().any(|tag| asked.path.contains(&format!("/manifests/{tag}")));
        if cache && writes(asked) { Fate::CutRequest(100) } else { Fate::Pass }
    };
    let proxy = Proxy::before(registry.address(), rule);
    let mut runner = Runner::tiny(&registry);
    runner.through(&proxy.address());
    runner.checkout.edit("backend/cpp/tiny/src/answer.cpp", "return 42", "return 43");
    let built = runner.build(&["--push"]).expect(0).says("built tiny").says("warning: ");
    tell(built.line("warning: "));
    assert!(built.line("done: ").contains("warning(s) above"), "{}", built.err);
    let cut = proxy
        .asked()
        .iter()
        .filter(|asked| writes(asked) && asked.path.contains("/manifests/cache-"))
        .count();
    assert!(cut > 0, "no layer cache was written:\n{}", proxy.lines().join("\n"));
    // The result itself was pushed.
    assert!(image_tag(&registry).starts_with("img-"));
}

#[test]
fn a_push_that_breaks_fails_and_is_completed_by_the_next_run() {
    let registry = Prepared::registry_without_image();
    let cuts = Arc::new(AtomicUsize::new(usize::MAX));
    let left = cuts.clone();
    let rule = move |asked: &Asked| {
        let push = asked.path.starts_with(&format!("/v2/{BACKENDS}/")) && writes(asked);
        let cut =
            push && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if cut { Fate::CutRequest(100) } else { Fate::Pass }
    };
    let proxy = Proxy::before(registry.address(), rule);
    let mut runner = Runner::tiny(&registry);
    runner.through(&proxy.address());
    // Otherwise everything is there already, and nothing is pushed.
    runner.checkout.edit("backend/cpp/tiny/src/answer.cpp", "return 42", "return 43");
    let failed = runner.build(&["--push"]).expect(1).says("error: ").says("cannot build tiny");
    assert!(failed.err.contains(BACKENDS), "it names what it could not push to:\n{}", failed.err);
    assert!(
        registry.tags(CACHE).iter().all(|tag| !tag.starts_with("img-")),
        "what is not there is not announced"
    );
    cuts.store(0, Ordering::SeqCst);
    let completed = runner.build(&["--push"]).expect(0);
    tell(completed.line("done: "));
    let digest = registry.digest(CACHE, &image_tag(&registry));
    let image = format!("{}@{digest}", registry.repository(BACKENDS));
    runner.builder.docker(&["buildx", "imagetools", "inspect", &image]).expect(0);
}
