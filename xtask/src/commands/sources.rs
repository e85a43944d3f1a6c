//! `sources`: the pins; listed, checked, moved.

use super::replace::replace;
use crate::cli::Sources;
use crate::exit::Done;
use anyhow::Result;
use drive::error::Coded;
use drive::make::sources::with_fetcher;
use drive::session::Session;
use fetch::Cached;
use model::manifest::{Manifests, SOURCES};
use model::name::PinName;
use model::source::{Mirror, Pin, Repository, Upstream, Wheel};
use model::text::suggest;
use ui::Ui;

/// Lists, checks or moves pins.
pub fn run(session: &Session, args: &Sources) -> Result<Done> {
    match &args.update {
        Some(name) => update(session, name, args),
        None if args.check => check(session),
        None => {
            session.manifests.pins.values().for_each(|pin| list(&session.ui, pin));
            for Wheel { name, package, version, .. } in session.manifests.wheels.values() {
                session.ui.line(format_args!("{name:<16} {version:<24} wheel {package}"));
            }
            for Repository { name, uri, .. } in session.manifests.repositories.values() {
                session.ui.line(format_args!("{name:<16} {:<24} {uri}", "apt"));
            }
            Ok(Done::Well)
        }
    }
}

fn list(ui: &Ui, pin: &Pin) {
    ui.line(format_args!("{:<16} {:<24} {}", pin.name, pin.version, upstream(&pin.upstream)));
    for mirror in &pin.mirrors {
        let mirror = match mirror {
            Mirror::Path { path } => format!("path {path}"),
            Mirror::Git { url } => format!("git {url}"),
            Mirror::Archive { url, .. } => format!("archive {url}"),
            Mirror::PypiSdist { package, version, .. } => format!("PyPI sdist {package} {version}"),
            Mirror::Crate { package, version, .. } => format!("crate {package} {version}"),
            Mirror::DebianSource { package, version, .. } => format!("Debian source {package} {version}"),
        };
        ui.line(format_args!("{:<16}   mirror: {mirror}", ""));
    }
}

fn upstream(upstream: &Upstream) -> String {
    match upstream {
        Upstream::Git { url, commit } => format!("{url} at {commit}"),
        Upstream::GitTag { url, tag, .. } => format!("{url} at {tag}"),
        Upstream::Archive { url, .. } => url.clone(),
        Upstream::Crate { package, version, .. } => format!("crate {package} {version}"),
    }
}

/// A pin fails the check when its cached copy is spoilt or nothing can serve it.
fn check(session: &Session) -> Result<Done> {
    let mut bad = 0;
    for pin in session.manifests.pins.values() {
        let report = with_fetcher(session, &session.root, |fetcher| Ok(fetcher.check(pin)?))?;
        let cached = match &report.cached {
            Cached::Absent => "not cached".to_owned(),
            Cached::Sound { files, .. } => format!("cached, {files} files sound"),
            Cached::Spoilt { file, .. } => {
                bad += 1;
                format!("SPOILT at {}; removed, the next build fetches it again", file.display())
            }
        };
        session.ui.line(format_args!("{:<16} {cached}", pin.name));
        for (mirror, answer) in &report.mirrors {
            match answer {
                Ok(()) => session.ui.line(format_args!("{:<16}   ok    {mirror}", "")),
                Err(error) => session.ui.line(format_args!("{:<16}   fails {mirror}: {error}", "")),
            }
        }
        let unreachable =
            !report.mirrors.is_empty() && report.mirrors.iter().all(|(_, answer)| answer.is_err());
        if unreachable && report.cached == Cached::Absent {
            bad += 1;
        }
    }
    let Manifests { wheels, repositories, .. } = &session.manifests;
    let mut others = Vec::new();
    with_fetcher(session, &session.root, |fetcher| {
        for wheel in wheels.values() {
            let what = format!("wheel {} {}", wheel.package, wheel.version);
            others.push((&wheel.name, what, fetcher.check_wheel(wheel)));
        }
        for repository in repositories.values() {
            let what = format!("key {}", repository.key);
            others.push((&repository.name, what, fetcher.check_repository(repository)));
        }
        Ok(())
    })?;
    for (name, what, answer) in others {
        match answer {
            Some(Ok(())) => session.ui.line(format_args!("{name:<16}   ok    {what}")),
            Some(Err(error)) => {
                bad += 1;
                session.ui.line(format_args!("{name:<16}   fails {what}: {error}"));
            }
            None => session.ui.line(format_args!("{name:<16}   {what} was not asked for")),
        }
    }
    if bad == 0 {
        session.ui.done("every source is sound or can be had");
        return Ok(Done::Well);
    }
    session.ui.done(&format!("{bad} sources are spoilt or out of reach; see above"));
    Ok(Done::Differs)
}

fn update(session: &Session, name: &PinName, args: &Sources) -> Result<Done> {
    let (pins, wheels) = (&session.manifests.pins, &session.manifests.wheels);
    let version = args.version.as_deref();
    let update = with_fetcher(session, &session.root, |fetcher| match (pins.get(name), wheels.get(name)) {
        (Some(pin), _) => Ok(fetcher.update(pin, version)?),
        (None, Some(wheel)) => Ok(fetcher.update_wheel(wheel, version)?),
        (None, None) => {
            let known = pins.keys().chain(wheels.keys()).map(PinName::as_str);
            let hint = suggest::hint(name.as_str(), known);
            Err(Coded::Usage(format!("there is no source `{name}`{hint}")).into())
        }
    })?;
    if update.changes.is_empty() {
        session.ui.done(&format!("{name} is at {} already", update.version));
        return Ok(Done::Well);
    }
    for change in &update.changes {
        session.ui.line(format_args!("{}: {} → {}", change.key, change.old, change.new));
    }
    let file = session.root.join(SOURCES);
    let text = fetch::edit(&fs_err::read_to_string(&file)?, name, &update.changes)?;
    if args.dry_run {
        session.ui.done(&format!("would move {name} to {}", update.version));
        return Ok(Done::Well);
    }
    replace(&file, &text)?;
    session.ui.done(&format!("moved {name} to {}; `git diff {SOURCES}` shows how", update.version));
    Ok(Done::Well)
}
