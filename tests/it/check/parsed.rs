//! What rules saw only while it was written in one way: parsed documents have one meaning, however they are written.

use super::cases::{Case, case, workflow};
use super::sound::{Edit, Sound, place};

/// Every one of them.
pub fn parsed(sound: &Sound) -> Vec<Case> {
    [templates(sound), caches(), lenient(), others()].into_iter().flatten().collect()
}

fn templates(sound: &Sound) -> Vec<Case> {
    let file = "docker/Dockerfile.python";
    let text = sound.read(file);
    // A text becomes another, and the word in it must be shown.
    let edit = |from: &str, to: &str, word: &str| {
        assert!(text.contains(from), "{from}");
        let edits = vec![Edit::Replace(file, from.to_owned(), to.to_owned())];
        case("install-logic", edits, place(file, &text.replacen(from, to, 1), word))
    };
    let last = "COPY --from=package /package/ /";
    let copy = |copy: &str, word: &str| edit(last, &format!("{copy}\n{last}"), word);
    let build = "FROM ${BUILDER_TARGET} AS builder\n";
    let more = |line: &str, word: &str| edit(build, &format!("{build}{line}\n"), word);
    let mount = "--mount=type=secret,id=UV_INDEX_URL,env=UV_INDEX_URL,required=false";
    let option = |option: &str| edit(mount, option, option);
    vec![
        copy("COPY --from=alpine /bin/busybox /bin/", "--from=alpine"),
        copy("COPY --from=0 / /", "--from=0"),
        copy("COPY . /etc/own", ". /etc/own"),
        copy("COPY --chown=1 --from=package / /", "/ /"),
        copy("COPY --from=package <<EOF /etc/x", "<<EOF"),
        copy("ADD https://host.example/x /", "ADD"),
        edit("FROM ${BASE_IMAGE} AS", "FROM alpine:3 AS", "alpine:3"),
        edit("FROM ${BASE_IMAGE} AS", "FROM ${BASE_IMAGE:-alpine} AS", "${BASE_IMAGE:-alpine}"),
        edit("FROM ${BUILDER_TARGET} AS", "FROM --platform=linux/arm64 ${BUILDER_TARGET} AS", "--platform"),
        edit(
            "FROM builder AS package",
            "FROM builder AS packer\nFROM builder AS package",
            "builder AS packer",
        ),
        edit("# Python backends.", "# syntax=docker.io/somebody/frontend:1\n# Python backends.", "# syntax"),
        edit("# Python backends.", "#escape=`\n# Python backends.", "#escape"),
        more("ENV CC=clang", "CC=clang"),
        more("ENV CC clang", "CC clang"),
        more("ENV NVIDIA_VISIBLE_DEVICES=all \\\n    CFLAGS=-O0", "NVIDIA_VISIBLE_DEVICES"),
        more("ARG CC=clang", "CC=clang"),
        more("ARG RUN_ID= LDFLAGS=-s", "RUN_ID= LDFLAGS"),
        more("SHELL [\"/bin/bash\", \"-c\"]", "SHELL"),
        more("RUN <<EOF", "<<EOF"),
        option("--mount=type=bind,from=alpine,target=/x"),
        option("--mount=type=bind,source=x,target=/x"),
        option("--mount=type=cache,id=shared,target=/x"),
        option("--mount=type=cache,id=${CACHE_ID},from=alpine,target=/x"),
        option("--mount=type=secret,id=CC,env=CC"),
        option("--mount=type=secret,id=UV_INDEX_URL,env=CC"),
        option("--mount=type=ssh"),
        option("--network=host"),
        option("--security=insecure"),
    ]
}

const COMMIT: &str = "0000000000000000000000000000000000000000";

fn push(job: &str) -> String {
    format!("name: own\non: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n{job}")
}

/// Caches that a pull request would write.
fn caches() -> Vec<Case> {
    let save = format!("actions/cache/save@{COMMIT}");
    let gated = |gate: &str| push(&format!("    steps:\n      - if: {gate}\n        uses: {save}\n"));
    let saved = |text: String| workflow("cache-writes", &text, &save);
    let to = |step: &str| workflow("cache-writes", &push(&format!("    steps:\n{step}")), "cache-to");
    let with = "type=registry,ref=a,ignore-error=true";
    vec![
        saved(gated("github.event_name == 'pull_request'")),
        saved(gated("github.event_name != 'pull_request' || true")),
        saved(gated("github.event_name != 'pull_request' || success()")),
        saved(gated("\"!(github.event_name != 'pull_request')\"")),
        saved(gated("${{ github.event_name != 'pull_request' }} || false")),
        saved(gated(">-\n          github.event_name != 'pull_request' ||\n          inputs.always")),
        saved(gated("\"'github.event_name != pull_request'\"")),
        saved(gated("env.X # github.event_name != 'pull_request'")),
        saved(push(&format!("    steps: [{{name: x, uses: {save}}}]\n"))),
        workflow(
            "cache-writes",
            &push(&format!("    \"steps\":\n      - 'uses': \"{save}\"\n")),
            "\"actions/",
        ),
        saved(push(&format!("    steps:\n      - uses: >-\n          {save}\n"))),
        // The gate of another step.
        saved(push(&format!("    steps:\n      - if: false\n        run: x\n      - uses: {save}\n"))),
        workflow(
            "cache-writes",
            &push(&format!("    steps:\n      - uses: Actions/Cache@{COMMIT}\n        if: false\n")),
            "Actions/Cache",
        ),
        to(&format!("      - run: x\n        with:\n          cache-to: {with}\n")),
        to(&format!("      - run: x\n        with: {{cache-to: '{with}'}}\n")),
        to(&format!(
            "      - with:\n          cache-to: ${{{{ github.event_name == 'push' || '{with}' }}}}\n"
        )),
        to(&format!(
            "      - run: |\n          # It caches.\n          docker buildx build --cache-to {with} .\n"
        )),
        to(&format!("      - env:\n          event_name: x\n        run: build --cache-to '{with}'\n")),
    ]
}

/// Caches whose failure fails a build.
fn lenient() -> Vec<Case> {
    let to = |step: &str| {
        let steps = format!("    if: github.event_name != 'pull_request'\n    steps:\n{step}");
        workflow("ignore-error", &push(&steps), "cache-to")
    };
    vec![
        to("      - with:\n          cache-to: type=registry,ref=a\n"),
        to("      - with: {cache-to: \"type=registry,ref=a\"}\n"),
        workflow(
            "ignore-error",
            &push("    if: false\n    steps: [{with: {'cache-to': a/b}}]\n"),
            "'cache-to'",
        ),
        to("      - with:\n          cache-to: >-\n            type=registry,ref=a,\n            mode=max\n"),
        to(
            "      - with:\n          cache-to: |\n            type=registry,ref=a,ignore-error=true\n            type=registry,ref=b\n",
        ),
        to("      - with:\n          cache-to: type=registry,ref=a # ignore-error=true\n"),
        to("      - with:\n          cache-to: type=registry,ref=ignore-error=true2\n"),
        to("      - with:\n          cache-to: somebody/image:cache\n"),
        to("      - with:\n          cache-to: ${{ steps.a.outputs.cache }}\n"),
        to("      - run: >-\n          build --cache-to\n          type=registry,ref=a .\n"),
    ]
}

fn others() -> Vec<Case> {
    let digest =
        "    steps: [{uses: ./x, with: {outputs: 'type=image,push-by-digest=true', provenance: 'true'}}]\n";
    vec![workflow("provenance", &push(digest), "push-by-digest")]
}

/// And what is right, however it is written.
#[test]
fn what_is_gated_is_found_to_be() {
    let sound = Sound::new();
    let save = format!("actions/cache/save@{COMMIT}");
    let steps = [
        format!("    if: \"github.event_name != 'pull_request'\"\n    steps: [{{uses: {save}}}]\n"),
        format!("    steps:\n      - {{'if': \"${{{{ always() && github.event_name != 'pull_request' }}}}\", uses: {save}}}\n"),
        format!("    steps:\n      - if: >-\n          github.event_name == 'push' &&\n          inputs.x\n        uses: {save}\n"),
        "    steps:\n      - with:\n          cache-to: ${{ github.event_name != 'pull_request' && 'type=registry,ref=a,ignore-error=true' || '' }}\n".to_owned(),
        "    steps:\n      # cache-to: type=registry\n      - run: |\n          # --cache-to type=registry\n          true\n".to_owned(),
        "    steps:\n      - with: {outputs: 'type=image,push-by-digest=true', provenance: false}\n".to_owned(),
        "    steps:\n      - with: {outputs: 'type=image,push-by-digest=false'}\n".to_owned(),
    ];
    for steps in steps {
        sound.write(".github/workflows/own.yml", &push(&steps));
        let ran = sound.run(&["check", "--json"]);
        let found = super::found(&ran);
        assert!(found.iter().all(|finding| finding.starts_with("workflows ")), "{steps}{found:?}");
    }
    sound.write(".github/workflows/own.yml", "on: [push\n");
    let found = super::found(&sound.run(&["check", "--json", "--rule", "cache-writes"]));
    assert_eq!(found, ["cache-writes .github/workflows/own.yml:1:1"], "what cannot be read");
}
