//! Tags of published images, by the rules that `docker/metadata-action` has made everybody's habit.
//!
//! A branch is tagged by its name, a release by its version and `latest`, every commit by its first digits; each with the
//! image's suffix, `latest` included.

mod semver;

use model::build_type::BuildType;
use model::event::{Event, GitRef, Trigger};
use model::image_names::Image;
use model::name::BackendName;
use model::oci::{ParseError, Tag};
use model::source::Commit;
use model::variant::Cuda;

/// Why no tag can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImageTagsError {
    /// A name and a suffix that together are no tag.
    #[error("{what} cannot be published under its name: {error}; rename it, or give the tags with --tag")]
    NoTag {
        /// Whose name it is.
        what: String,
        /// Why not.
        error: ParseError,
    },
}

/// The tags of a published image for an event, the most telling first; none when nothing names it.
///
/// `now` is in seconds since 1970: the root image of the default branch is also tagged by branch, time and commit.
pub fn released(event: &Event, image: &Image, now: u64) -> Result<Vec<Tag>, ImageTagsError> {
    let mut tags = Tags { suffix: image.suffix(), found: Vec::new() };
    let git_ref = event.git_ref();
    let mut latest = false;
    if let Some(GitRef::Tag(name)) = git_ref {
        // The action cleans the slashes first: `release/v1.2.3` is no version.
        let version = name.replace('/', "-");
        if let Some(kind) = semver::kind(&version) {
            latest = kind == semver::Kind::Release;
            tags.add(&version, || format!("tag {name}"))?;
        }
    }
    if let Some(GitRef::Branch(name)) = git_ref {
        tags.add(name, || format!("branch {name}"))?;
        // A timer only ever runs on the default branch, and its payload does not say which one that is.
        let default = event.on_default_branch() || matches!(event.trigger, Trigger::Schedule(_));
        if let (Image::Root(_), true, Some(commit)) = (image, default, &event.commit) {
            tags.add(&format!("{name}-{now}-{}", commit.short()), || format!("branch {name}"))?;
        }
    }
    if let Some(commit) = &event.commit {
        tags.add(&by_commit(commit), || format!("commit {}", commit.short()))?;
    }
    if latest {
        tags.add("latest", || "the latest release".to_owned())?;
    }
    Ok(tags.found)
}

/// The tag of a pull request's image, in the repository for those; none when the event is no pull request, or says too
/// little. Its suffix stands in place of the image's own.
pub fn pull_request(
    event: &Event,
    backend: &BackendName,
    build_type: BuildType,
    cuda: Option<Cuda>,
) -> Result<Option<Tag>, ImageTagsError> {
    let (Trigger::PullRequest { number: Some(number), .. }, Some(commit)) = (&event.trigger, &event.commit)
    else {
        return Ok(None);
    };
    let cuda = cuda.map_or("-".to_owned(), |cuda| format!("{}-{}", cuda.major, cuda.minor));
    let suffix = format!("{number}-{backend}-{}-{cuda}", build_type.reference_name());
    let mut tags = Tags { suffix: &suffix, found: Vec::new() };
    tags.add(&by_commit(commit), || format!("pull request {number}"))?;
    Ok(tags.found.pop())
}

fn by_commit(commit: &Commit) -> String {
    format!("sha-{}", commit.short())
}

struct Tags<'a> {
    suffix: &'a str,
    found: Vec<Tag>,
}

impl Tags<'_> {
    fn add(&mut self, name: &str, what: impl Fn() -> String) -> Result<(), ImageTagsError> {
        let tag: Tag = clean(&format!("{name}{}", self.suffix))
            .parse()
            .map_err(|error| ImageTagsError::NoTag { what: what(), error })?;
        if !self.found.contains(&tag) {
            self.found.push(tag);
        }
        Ok(())
    }
}

/// Every run of characters that no tag may have becomes one dash.
fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut in_run = false;
    for c in text.chars() {
        let good = c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if good {
            cleaned.push(c);
        } else if !in_run {
            cleaned.push('-');
        }
        in_run = !good;
    }
    cleaned
}
